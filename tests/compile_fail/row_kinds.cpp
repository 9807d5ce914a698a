// expects: row: an argument is of the wrong kind
#include <typenet/typenet.hpp>

using namespace typenet;

using Row = Columns<Number<"age">, Category<"sex", "male", "female">>;
#ifdef MUST_FAIL
const auto row = Row::row("male", 34);
#else
const auto row = Row::row(34, "male");
#endif

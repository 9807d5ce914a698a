// expects: row: there must be one argument for each column, in their order
#include <typenet/typenet.hpp>

using namespace typenet;

using Row = Columns<Optional<Number<"age">>, Missing<"age">, Category<"sex", "male", "female">>;
#ifdef MUST_FAIL
const auto row = Row::row(34, false, "male");
#else
const auto row = Row::row(34, "male");
#endif

// expects: Columns: two columns have the same name
#include <typenet/typenet.hpp>

using namespace typenet;

#ifdef MUST_FAIL
using Row = Columns<Number<"age">, Category<"age", "young", "old">>;
#else
using Row = Columns<Number<"age">, Category<"sex", "male", "female">>;
#endif
constexpr std::size_t width = Row::width;

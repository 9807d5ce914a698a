// expects: Columns: each must be a Number, a Category (with Other, if texts are missing)
#include <typenet/typenet.hpp>

using namespace typenet;

#ifdef MUST_FAIL
using Port = Optional<Category<"port", "Southampton">>;
#else
using Port = Category<"port", "Southampton", Other>;
#endif
const std::size_t width = Columns<Number<"age">, Port>::width;

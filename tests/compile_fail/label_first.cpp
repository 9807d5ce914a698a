// expects: load_csv: a Label or a Target must follow the Columns
#include <typenet/typenet.hpp>

using namespace typenet;

using Row = Columns<Number<"age">, Number<"fare">>;
#ifdef MUST_FAIL
const auto data = load_csv<Target<"price">, Row>("data.csv");
#else
const auto data = load_csv<Row, Target<"price">>("data.csv");
#endif

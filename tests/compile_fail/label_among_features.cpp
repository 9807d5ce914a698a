// expects: load_csv: the column of the label or target is among the columns of the features
#include <typenet/typenet.hpp>

using namespace typenet;

using Row = Columns<Number<"age">, Number<"fare">>;
#ifdef MUST_FAIL
const auto data = load_csv<Row, Target<"fare">>("data.csv");
#else
const auto data = load_csv<Row, Target<"price">>("data.csv");
#endif

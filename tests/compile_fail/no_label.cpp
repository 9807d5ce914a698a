// expects: load_csv: a Label or a Target must follow the Columns; load_csv_features<Columns> loads features alone
#include <typenet/typenet.hpp>

using namespace typenet;

using Row = Columns<Number<"age">, Number<"fare">>;
#ifdef MUST_FAIL
const auto data = load_csv<Row>("data.csv");
#else
const auto data = load_csv_features<Row>("data.csv");
#endif

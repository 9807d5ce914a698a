// expects: load_csv: Label and Target go with Columns; load_csv<FeatureCount> takes Labels or Targets<K>
#include <typenet/typenet.hpp>

using namespace typenet;

#ifdef MUST_FAIL
const auto data = load_csv<2, Target<"price">>("data.csv");
#else
const auto data = load_csv<2, Targets<1>>("data.csv", {.target_columns = {"price"}});
#endif

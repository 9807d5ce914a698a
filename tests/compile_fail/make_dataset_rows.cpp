// expects: make_dataset: these rows have another number of values than the dataset
#include <array>
#include <typenet/typenet.hpp>
#include <vector>
using namespace typenet;

#ifdef MUST_FAIL
using Row = std::array<float, 5>;
#else
using Row = std::array<float, 4>;
#endif

auto data(const std::vector<Row>& rows, const std::vector<int>& labels) { return make_dataset<4>(rows, labels); }

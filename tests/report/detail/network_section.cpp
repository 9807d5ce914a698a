#include <string>
#include <support/reports.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/report/detail/network_section.hpp>
#include <typenet/report/detail/report_data.hpp>

#include <doctest/doctest.h>

using namespace typenet;
using detail::ReportData;
using support::contains;
using support::matrix;
using support::two_classes;

namespace {

constexpr double not_a_number = detail::nan<double>;

}  // namespace

TEST_SUITE("report/detail/network_section") {
    TEST_CASE("weights are drawn by their sign and strength") {
        ReportData report = two_classes({0.9, 0.1}, {0});
        CHECK(detail::weight_pictures(report, {1, 2}).empty());
        report.first_weights = matrix(3, {1, -1, 0.5, 0, 0, not_a_number});
        const std::string figure = detail::weight_pictures(report, {1, 2});
        CHECK(contains(figure, "Weights of the first 3 of 3 units of layer 0"));
        CHECK(contains(figure, "width=\"10\" height=\"1\""));
        report.first_weights = matrix(1, {not_a_number, not_a_number});
        CHECK(detail::weight_pictures(report, {1, 2}).empty());
    }
}

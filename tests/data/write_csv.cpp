#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <support/temporary_file.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/data/csv.hpp>
#include <typenet/data/write_csv.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using support::TemporaryDirectory;

TEST_SUITE("data/write_csv") {
    TEST_CASE("columns stand side by side below their names") {
        const TemporaryDirectory directory;
        const auto path = directory / "table.csv";
        const std::vector<std::string> ids{"a1", "b2", "c3"};
        const std::vector<std::int32_t> classes{2, 0, -1};
        const Matrix<float> predictions{{0.1F}, {1e-30F}, {std::numeric_limits<float>::quiet_NaN()}};
        write_csv(path, "id", ids, "class", classes, std::string("p"), predictions);
        CHECK(support::bytes_of(path) == "id,class,p\na1,2,0.1\nb2,0,1e-30\nc3,-1,\n");
        write_csv(path, "class", std::span(classes).first(1));
        CHECK(support::bytes_of(path) == "class\n2\n");
        write_csv(path, "p", predictions);
        CHECK(support::bytes_of(path) == "p\n0.1\n1e-30\n\"\"\n");
        CHECK(load_csv_texts(path, "p").back().empty());
        write_csv(path, "\xC3\x84", std::vector<std::string>{"\xC3\xB6"});
        CHECK(support::bytes_of(path) == "\xC3\x84\n\xC3\xB6\n");
        write_csv(path, "is late", std::vector<bool>{true, false});
        CHECK(support::bytes_of(path) == "is late\n1\n0\n");
        write_csv(path, "x", std::vector<long double>{1.9999L, std::numeric_limits<long double>::quiet_NaN()});
        CHECK(support::bytes_of(path) == "x\n1.9999\n\"\"\n");
        write_csv(path, "class", std::vector<float>());
        CHECK(support::bytes_of(path) == "class\n");
    }

    TEST_CASE("texts and numbers read back as they were") {
        const TemporaryDirectory directory;
        const auto path = directory / "table.csv";
        const std::vector<std::string> texts{"plain",   "a,b",      "say \"hi\"", "two\nlines", "\r",
                                             " around", "behind\t", "\"",         "in side",    "0"};
        std::vector<double> numbers;
        for (std::size_t i = 0; i < texts.size(); ++i) numbers.push_back(1.0 / (static_cast<double>(i) + 3));
        write_csv(path, "a \"text\"", texts, "x", numbers);
        CHECK((load_csv_texts(path, "a \"text\"") == texts));
        const auto read = load_csv_texts(path, "x");
        REQUIRE(read.size() == numbers.size());
        for (std::size_t i = 0; i < numbers.size(); ++i) CHECK(std::stod(read[i]) == numbers[i]);
    }

    TEST_CASE("columns of different lengths are refused, and the file stays as it was") {
        const TemporaryDirectory directory;
        const auto path = directory / "table.csv";
        write_csv(path, "x", std::vector{1});
        CHECK_THROWS_WITH_AS(write_csv(path, "id", std::vector{1, 2, 3}, "y", std::vector{1, 2}),
                             "write_csv: the column y has 2 values, the first column 3", DataError);
        CHECK(support::bytes_of(path) == "x\n1\n");
        CHECK_THROWS_AS(write_csv(directory / "none" / "table.csv", "x", std::vector{1}), FileError);
    }
}

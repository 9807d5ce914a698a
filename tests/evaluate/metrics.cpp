#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <typenet/evaluate/metrics.hpp>

using namespace typenet;
using doctest::Approx;

namespace {

using Classes = std::vector<std::int32_t>;

/// Class 0 has 2 rows predicted correctly and 1 predicted as class 1; class 1 has 3 and 1 (as class 2); class 2 has 1
/// and 2 (as class 0).
const Classes truth{0, 0, 0, 1, 1, 1, 1, 2, 2, 2};
const Classes taken{0, 0, 1, 1, 1, 1, 2, 2, 0, 0};

}  // namespace

TEST_SUITE("evaluate/metrics") {
    TEST_CASE("accuracy is the share of correct predictions") {
        CHECK(accuracy(taken, truth) == Approx(0.6));
        CHECK(accuracy(truth, truth) == 1);
        CHECK(accuracy(Classes{1, 0}, Classes{0, 1}) == 0);
    }

    TEST_CASE("accuracy refuses different counts of rows, and no rows") {
        CHECK_THROWS_WITH_AS((void)accuracy(Classes{1}, Classes{1, 2}), "accuracy: 1 predictions for 2 rows",
                             DataError);
        CHECK_THROWS_WITH_AS((void)accuracy(Classes{}, Classes{}), "accuracy: there are no rows", DataError);
    }

    TEST_CASE("counts are written with all digits as far as every whole number is a double") {
        CHECK(typenet::detail::count_text(9007199254740991) == "9007199254740991");
        CHECK(typenet::detail::count_text(9007199254740992) == typenet::detail::number_text(9007199254740992));
        CHECK(typenet::detail::count_text(9007199254740992) != "9007199254740992");
        CHECK(typenet::detail::count_text(2.5) == "2.5");
    }

    TEST_CASE("accuracy refuses negative labels on either side") {
        CHECK_THROWS_WITH_AS((void)accuracy(Classes{0, -1}, Classes{0, 1}), "accuracy: label -1 is negative",
                             DataError);
        CHECK_THROWS_AS((void)accuracy(Classes{0, 1}, Classes{-2, 1}), DataError);
    }

    TEST_CASE("top_k_accuracy counts the labels among the k largest outputs") {
        const Matrix<float> outputs{{0.1F, 0.7F, 0.2F}, {0.5F, 0.2F, 0.3F}, {0.2F, 0.3F, 0.5F}, {0.6F, 0.3F, 0.1F}};
        const Classes labels{1, 2, 0, 1};  // ranks 1, 2, 3, 2
        CHECK(top_k_accuracy(outputs, labels, 1) == 0.25);
        CHECK(top_k_accuracy(outputs, labels, 2) == 0.75);
        CHECK(top_k_accuracy(outputs, labels, 3) == 1);
        CHECK(top_k_accuracy(outputs, labels, 99) == 1);
        CHECK(top_k_accuracy(outputs, labels, 0) == 0);
    }

    TEST_CASE("metrics of regression take vectors and views too") {
        const xt::xtensor<float, 1> predicted{1, 2, 4};
        const xt::xtensor<double, 1> actual{1, 2, 3};
        CHECK(mean_squared_error(predicted, actual) == Approx(1.0 / 3));
        CHECK(mean_absolute_error(predicted, actual) == Approx(1.0 / 3));
        CHECK(r2(predicted, actual) == Approx(0.5));
        const xt::xtensor<float, 2> wide{{9, 1}, {9, 2}, {9, 4}};
        CHECK(mean_squared_error(xt::view(wide, xt::all(), xt::range(1, 2)), predicted) == 0);
    }

    TEST_CASE("a NaN never counts as correct") {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        CHECK(top_k_accuracy(Matrix<float>{{nan, 1, 2}}, Classes{0}, 2) == 0);
        CHECK(top_k_accuracy(Matrix<float>{{nan, 1, 2}}, Classes{2}, 1) == 0);
        CHECK(r2(Matrix<float>{{nan}, {1}}, Matrix<float>{{1}, {1}}) == 0);
    }

    TEST_CASE("top_k_accuracy ranks the lower class first where outputs are equal") {
        const Matrix<double> outputs{{0.2, 0.4, 0.4}};
        CHECK(top_k_accuracy(outputs, Classes{1}, 1) == 1);
        CHECK(top_k_accuracy(outputs, Classes{2}, 1) == 0);
        CHECK(top_k_accuracy(outputs, Classes{2}, 2) == 1);
        CHECK(top_k_accuracy(outputs, Classes{0}, 2) == 0);
    }

    TEST_CASE("top_k_accuracy counts exactly k classes as the k largest where all outputs are equal") {
        const Matrix<float> outputs({4, 4}, 0.25F);
        CHECK(top_k_accuracy(outputs, Classes{0, 1, 2, 3}, 1) == 0.25);
        CHECK(top_k_accuracy(outputs, Classes{0, 1, 2, 3}, 3) == 0.75);
    }

    TEST_CASE("top_k_accuracy refuses labels out of range, different counts of rows, and no rows") {
        const Matrix<float> outputs({2, 3}, 0.0F);
        CHECK_NOTHROW((void)top_k_accuracy(outputs, Classes{0, 2}, 1));
        CHECK_THROWS_WITH_AS((void)top_k_accuracy(outputs, Classes{0, 3}, 1),
                             "top_k_accuracy: label 3 is not one of 3 classes", DataError);
        CHECK_THROWS_WITH_AS((void)top_k_accuracy(outputs, Classes{-1, 0}, 1),
                             "top_k_accuracy: label -1 is not one of 3 classes", DataError);
        CHECK_THROWS_WITH_AS((void)top_k_accuracy(outputs, Classes{0}, 1), "top_k_accuracy: 2 predictions for 1 rows",
                             DataError);
        CHECK_THROWS_AS((void)top_k_accuracy(Matrix<float>({0, 3}, 0.0F), Classes{}, 1), DataError);
    }

    TEST_CASE("confusion_matrix has a row for each true class and a column for each predicted one") {
        CHECK(confusion_matrix(taken, truth, 3) == ConfusionMatrix{{2, 1, 0}, {0, 3, 1}, {2, 0, 1}});
    }

    TEST_CASE("confusion_matrix includes classes without rows") {
        CHECK(confusion_matrix(Classes{2}, Classes{0}, 3) == ConfusionMatrix{{0, 0, 1}, {0, 0, 0}, {0, 0, 0}});
    }

    TEST_CASE("confusion_matrix refuses labels out of range on either side, different counts of rows, and no rows") {
        CHECK_NOTHROW((void)confusion_matrix(Classes{1}, Classes{1}, 2));
        CHECK_THROWS_WITH_AS((void)confusion_matrix(Classes{2}, Classes{1}, 2),
                             "confusion_matrix: label 2 is not one of 2 classes", DataError);
        CHECK_THROWS_WITH_AS((void)confusion_matrix(Classes{1}, Classes{-1}, 2),
                             "confusion_matrix: label -1 is not one of 2 classes", DataError);
        CHECK_THROWS_AS((void)confusion_matrix(Classes{1, 1}, Classes{1}, 2), DataError);
        CHECK_THROWS_AS((void)confusion_matrix(Classes{}, Classes{}, 2), DataError);
    }

    TEST_CASE("confusion_table prints the counts under the classes' names") {
        const std::vector<std::string> names{"a", "a class of a long name", "c"};
        CHECK((confusion_table(ConfusionMatrix{{2, 1, 0}, {0, 3, 12345}, {2, 0, 1}}, names) ==
               "actual \\ predicted      a  a class of a long name      c\n"
               "a                       2                       1      0\n"
               "a class of a long name  0                       3  12345\n"
               "c                       2                       0      1\n"));
        CHECK((confusion_table(ConfusionMatrix{{2, 1}, {0, 3}}) == "actual \\ predicted  0  1\n"
                                                                   "0                   2  1\n"
                                                                   "1                   0  3\n"));
    }

    TEST_CASE("confusion_table refuses another number of names, and a matrix that is not square") {
        const std::vector<std::string> names{"a", "b"};
        CHECK_NOTHROW((void)confusion_table(ConfusionMatrix{{2, 1}, {0, 3}}, names));
        CHECK_THROWS_WITH_AS((void)confusion_table(ConfusionMatrix{{1}}, names),
                             "confusion_table: 2 names for 1 classes", DataError);
        CHECK_THROWS_WITH_AS((void)confusion_table(ConfusionMatrix{{1, 2}}),
                             "confusion_table: the confusion matrix is not square", DataError);
    }

    TEST_CASE("class_scores gives each class its precision, recall, f1 and support") {
        const std::vector<ClassScore> scores = class_scores(confusion_matrix(taken, truth, 3));
        REQUIRE(scores.size() == 3);
        const std::array precision{2.0 / 4, 3.0 / 4, 1.0 / 2};
        const std::array recall{2.0 / 3, 3.0 / 4, 1.0 / 3};
        const std::array f1{4.0 / 7, 3.0 / 4, 2.0 / 5};
        const std::array<double, 3> support{3, 4, 3};
        for (std::size_t c = 0; c < 3; ++c) {
            CAPTURE(c);
            CHECK(scores[c].precision == Approx(precision[c]));
            CHECK(scores[c].recall == Approx(recall[c]));
            CHECK(scores[c].f1 == Approx(f1[c]));
            CHECK(scores[c].support == support[c]);
        }
    }

    TEST_CASE("a class that has no rows or is never predicted scores 0") {
        const std::vector<ClassScore> scores = class_scores(ConfusionMatrix{{3, 1, 0}, {0, 0, 0}, {2, 0, 0}});
        CHECK(scores[1].precision == 0);
        CHECK(scores[1].recall == 0);  // no rows
        CHECK(scores[1].f1 == 0);
        CHECK(scores[1].support == 0);
        CHECK(scores[2].precision == 0);  // never predicted
        CHECK(scores[2].recall == 0);
        CHECK(scores[2].f1 == 0);
        CHECK(scores[2].support == 2);
    }

    TEST_CASE("class_scores refuses a matrix that is not square") {
        CHECK_THROWS_WITH_AS((void)class_scores(ConfusionMatrix({2, 3}, 1)),
                             "class_scores: the confusion matrix is not square", DataError);
    }

    TEST_CASE("macro_average weighs all classes the same") {
        const ClassScore mean = macro_average(class_scores(confusion_matrix(taken, truth, 3)));
        CHECK(mean.precision == Approx((2.0 / 4 + 3.0 / 4 + 1.0 / 2) / 3));
        CHECK(mean.recall == Approx((2.0 / 3 + 3.0 / 4 + 1.0 / 3) / 3));
        CHECK(mean.f1 == Approx((4.0 / 7 + 3.0 / 4 + 2.0 / 5) / 3));
        CHECK(mean.support == 10);
    }

    TEST_CASE("macro_average of no classes is 0") {
        const ClassScore mean = macro_average({});
        CHECK(mean.f1 == 0);
        CHECK(mean.support == 0);
    }

    TEST_CASE("mean_squared_error and mean_absolute_error are means over rows and columns") {
        const Matrix<float> predicted{{1, 2}, {3, 4}, {5, 6}};
        const Matrix<double> actual{{1, 0}, {4, 4}, {2, 6}};  // predicted - actual: 0, 2, -1, 0, 3, 0
        CHECK(mean_squared_error(predicted, actual) == Approx(14.0 / 6));
        CHECK(mean_absolute_error(predicted, actual) == Approx(1));
        CHECK(mean_squared_error(predicted, predicted) == 0);
        CHECK(mean_absolute_error(predicted, predicted) == 0);
    }

    TEST_CASE("r2 is 1 for perfect predictions") {
        const Matrix<float> actual{{1, 10}, {2, 30}, {3, 20}};
        CHECK(r2(actual, actual) == 1);
    }

    TEST_CASE("r2 is 0 for predicting the mean") {
        const Matrix<float> actual{{1}, {2}, {6}};
        CHECK(r2(Matrix<float>{{3}, {3}, {3}}, actual) == Approx(0));
    }

    TEST_CASE("r2 is negative for predictions worse than the mean") {
        const Matrix<float> actual{{1}, {2}, {3}};  // variation 2, residual 8
        CHECK(r2(Matrix<float>{{3}, {2}, {1}}, actual) == Approx(-3));
    }

    TEST_CASE("r2 agrees with a computation by hand") {
        const Matrix<float> actual{{1}, {2}, {3}, {6}};  // mean 3, variation 14
        CHECK(r2(Matrix<double>{{1}, {3}, {3}, {4}}, actual) == Approx(1 - 5.0 / 14));
    }

    TEST_CASE("r2 weighs all columns the same, whatever their scale") {
        const Matrix<float> actual{{1, 1000}, {2, 2000}, {3, 3000}};
        const Matrix<float> predicted{{1, 3000}, {2, 2000}, {3, 1000}};  // the columns' r2: 1 and -3
        CHECK(r2(predicted, actual) == Approx(-1));
    }

    TEST_CASE("r2 counts a constant column as 1 where it is predicted exactly, else as 0") {
        const Matrix<float> actual{{5}, {5}, {5}};
        CHECK(r2(actual, actual) == 1);
        CHECK(r2(Matrix<float>{{5}, {5}, {4}}, actual) == 0);
    }

    TEST_CASE("r2 recognises a constant column whose mean is rounded") {
        const Matrix<float> actual({10, 1}, 0.1F);
        Matrix<float> predicted = actual;
        CHECK(r2(predicted, actual) == 1);
        predicted(0, 0) = 0.2F;
        CHECK(r2(predicted, actual) == 0);
    }

    TEST_CASE("metrics of regression refuse different shapes, and no rows") {
        const Matrix<float> a({2, 3}, 0.0F);
        const Matrix<float> fewer_rows({1, 3}, 0.0F);
        const Matrix<float> fewer_columns({2, 2}, 0.0F);
        const Matrix<float> none({0, 3}, 0.0F);
        CHECK_NOTHROW((void)mean_squared_error(a, a));
        CHECK_THROWS_WITH_AS((void)mean_squared_error(a, fewer_rows), "mean_squared_error: 2 predictions for 1 rows",
                             DataError);
        CHECK_THROWS_WITH_AS((void)mean_absolute_error(a, fewer_columns),
                             "mean_absolute_error: 3 predicted columns for 2", DataError);
        CHECK_THROWS_WITH_AS((void)r2(none, none), "r2: there are no rows", DataError);
        CHECK_THROWS_AS((void)r2(a, fewer_rows), DataError);
        CHECK_THROWS_AS((void)r2(a, fewer_columns), DataError);
        CHECK_THROWS_AS((void)mean_squared_error(none, none), DataError);
        CHECK_THROWS_AS((void)mean_absolute_error(none, none), DataError);
    }

    TEST_CASE("whole weights give the metrics of rows that are repeated as often") {
        const std::vector<float> weights{3, 0, 1, 2};
        const std::array<std::size_t, 6> repeated{0, 0, 0, 2, 3, 3};
        const Classes predicted{0, 2, 1, 1};
        const Classes actual{0, 1, 1, 2};
        const Matrix<double> outputs{{0.5, 0.3, 0.2}, {0.1, 0.2, 0.7}, {0.2, 0.5, 0.3}, {0.6, 0.1, 0.3}};
        const Matrix<double> numbers{{1, 2}, {900, 7}, {3, 2}, {5, 2.5}};
        const Matrix<double> truth_numbers{{1.5, 2}, {-4, 8}, {2, 2}, {5, 3}};
        Classes many_predicted;
        Classes many_actual;
        auto many_outputs = Matrix<double>::from_shape({6, 3});
        auto many_numbers = Matrix<double>::from_shape({6, 2});
        auto many_truth = Matrix<double>::from_shape({6, 2});
        for (std::size_t i = 0; i < 6; ++i) {
            many_predicted.push_back(predicted[repeated[i]]);
            many_actual.push_back(actual[repeated[i]]);
            xt::row(many_outputs, static_cast<std::ptrdiff_t>(i)) =
                xt::row(outputs, static_cast<std::ptrdiff_t>(repeated[i]));
            xt::row(many_numbers, static_cast<std::ptrdiff_t>(i)) =
                xt::row(numbers, static_cast<std::ptrdiff_t>(repeated[i]));
            xt::row(many_truth, static_cast<std::ptrdiff_t>(i)) =
                xt::row(truth_numbers, static_cast<std::ptrdiff_t>(repeated[i]));
        }
        CHECK(accuracy(predicted, actual, weights) == accuracy(many_predicted, many_actual));
        CHECK(accuracy(predicted, actual, weights) == Approx(4.0 / 6));
        for (const std::size_t k : {1U, 2U, 3U}) {
            CHECK(top_k_accuracy(outputs, actual, k, weights) == top_k_accuracy(many_outputs, many_actual, k));
        }
        const ConfusionMatrix counts = confusion_matrix(predicted, actual, 3, weights);
        const ConfusionMatrix many_counts = confusion_matrix(many_predicted, many_actual, 3);
        CHECK((counts == many_counts));
        CHECK((confusion_table(counts) == confusion_table(many_counts)));
        const auto scores = class_scores(counts);
        const auto many_scores = class_scores(many_counts);
        for (std::size_t c = 0; c < 3; ++c) {
            CHECK(scores[c].precision == many_scores[c].precision);
            CHECK(scores[c].recall == many_scores[c].recall);
            CHECK(scores[c].f1 == many_scores[c].f1);
            CHECK(scores[c].support == many_scores[c].support);
        }
        CHECK(macro_average(scores).support == 6);
        CHECK(mean_squared_error(numbers, truth_numbers, weights) ==
              Approx(mean_squared_error(many_numbers, many_truth)));
        CHECK(mean_absolute_error(numbers, truth_numbers, weights) ==
              Approx(mean_absolute_error(many_numbers, many_truth)));
        CHECK(r2(numbers, truth_numbers, weights) == Approx(r2(many_numbers, many_truth)));
    }

    TEST_CASE("a column is constant for r2 where the rows that count are equal") {
        const std::vector<float> weights{0, 1, 2};
        CHECK(r2(Matrix<double>{{1}, {0.1}, {0.1}}, Matrix<double>{{9}, {0.1}, {0.1}}, weights) == 1);
        CHECK(r2(Matrix<double>{{9}, {0.1}, {0.2}}, Matrix<double>{{9}, {0.1}, {0.1}}, weights) == 0);
    }

    TEST_CASE("weights of 1 change no bit of a metric") {
        const std::vector<float> ones(3, 1);
        const Matrix<float> predicted{{0.1F, 3}, {0.7F, 2}, {-3.3F, 0.3F}};
        const Matrix<float> actual{{0.3F, 1}, {0.3F, 7}, {-3, 0.1F}};
        CHECK(mean_squared_error(predicted, actual, ones) == mean_squared_error(predicted, actual));
        CHECK(mean_absolute_error(predicted, actual, ones) == mean_absolute_error(predicted, actual));
        CHECK(r2(predicted, actual, ones) == r2(predicted, actual));
    }

    TEST_CASE("confusion_table writes whole numbers with all digits and others with six") {
        const ConfusionMatrix counts{{1234567890123, 1.0 / 3}, {0, 2.5}};
        CHECK((confusion_table(counts) == "actual \\ predicted              0         1\n"
                                          "0                   1234567890123  0.333333\n"
                                          "1                               0       2.5\n"));
    }

    TEST_CASE("each metric refuses another count of weights than of rows") {
        const RowWeights weights({1, 2, 3});
        const Matrix<double> two{{1, 2}, {3, 4}};
        const Classes labels{0, 1};
        CHECK_THROWS_WITH_AS((void)accuracy(labels, labels, weights), "accuracy: 3 weights for 2 rows", DataError);
        CHECK_THROWS_AS((void)top_k_accuracy(two, labels, 1, weights), DataError);
        CHECK_THROWS_AS((void)confusion_matrix(labels, labels, 2, weights), DataError);
        CHECK_THROWS_AS((void)mean_squared_error(two, two, weights), DataError);
        CHECK_THROWS_AS((void)mean_absolute_error(two, two, weights), DataError);
        CHECK_THROWS_AS((void)r2(two, two, weights), DataError);
    }
}

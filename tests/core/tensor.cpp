#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include <typenet/core/tensor.hpp>

using namespace typenet;

namespace {

template <class E>
constexpr bool flat_floats(const E&) {
    return detail::lies_flat<E, float>;
}

template <class E>
constexpr bool has_rank(const E&, std::size_t rank) {
    return (ArrayOfRank<E, 1> && rank == 1) || (ArrayOfRank<E, 2> && rank == 2) || (ArrayOfRank<E, 3> && rank == 3);
}

/// Returns 4 rows of 3 numbers: 0 1 2, 3 4 5, ...
Matrix<float> numbered() {
    auto matrix = Matrix<float>::from_shape({4, 3});
    for (std::size_t i = 0; i < matrix.size(); ++i) matrix.data()[i] = static_cast<float>(i);
    return matrix;
}

}  // namespace

TEST_SUITE("core/tensor") {
    TEST_CASE("a sequence of numbers is a vector, an array, a span or an array of C++, but no text and no tensor") {
        CHECK(NumberSequence<std::vector<double>>);
        CHECK(NumberSequence<std::vector<std::uint8_t>>);
        CHECK(NumberSequence<std::array<int, 3>>);
        CHECK(NumberSequence<std::span<const float, 3>>);
        CHECK(NumberSequence<float[3]>);
        CHECK_FALSE(NumberSequence<std::string>);
        CHECK_FALSE(NumberSequence<std::vector<bool>>);
        CHECK_FALSE(NumberSequence<std::array<bool, 2>>);
        CHECK_FALSE(NumberSequence<std::vector<std::vector<float>>>);
        CHECK_FALSE(NumberSequence<xt::xtensor<float, 1>>);
        CHECK_FALSE(NumberSequence<float>);
        CHECK(RowSequence<std::vector<std::vector<float>>>);
        CHECK(RowSequence<std::span<const std::array<float, 3>>>);
        CHECK(RowSequence<float[3][2]>);
        CHECK_FALSE(RowSequence<std::vector<float>>);
        CHECK_FALSE(RowSequence<std::vector<std::string>>);
    }

    TEST_CASE("the length of a sequence is known where its type has it") {
        CHECK(detail::length_of<std::array<int, 3>> == 3);
        CHECK(detail::length_of<std::span<const int, 3>> == 3);
        CHECK(detail::length_of<int[3]> == 3);
        CHECK(detail::length_of<std::span<const int>> == std::dynamic_extent);
        CHECK(detail::length_of<std::vector<int>> == std::dynamic_extent);
    }

    TEST_CASE("float and double are Real, and nothing else") {
        CHECK(Real<float>);
        CHECK(Real<double>);
        CHECK_FALSE(Real<long double>);
        CHECK_FALSE(Real<int>);
        CHECK_FALSE(Real<const float>);
    }

    TEST_CASE("a Vector is exactly its data") {
        CHECK(sizeof(Vector<float, 10>) == 10 * sizeof(float));
        CHECK(sizeof(Vector<double, 3>) == 3 * sizeof(double));
        CHECK(std::is_trivially_destructible_v<Vector<float, 10>>);
    }

    TEST_CASE("a Matrix is stored row by row") {
        const Matrix<float> m{{1, 2, 3}, {4, 5, 6}};
        CHECK(std::vector<float>(m.data(), m.data() + m.size()) == std::vector<float>{1, 2, 3, 4, 5, 6});
    }

    TEST_CASE("Rows returns pointers to its rows") {
        std::array<float, 6> numbers{0, 1, 2, 3, 4, 5};
        const Rows<float, 2> rows{numbers.data(), 3};
        CHECK(rows[0] == numbers.data());
        CHECK(rows[2] == numbers.data() + 4);
        CHECK(Rows<float, 2>::columns == 2);
    }

    TEST_CASE("Rows has count times columns numbers") {
        CHECK(Rows<float, 7>{nullptr, 3}.size() == 21);
        CHECK(Rows<float, 7>{}.size() == 0);
    }

    TEST_CASE("subrows begins at its first row") {
        std::array<float, 8> numbers{};
        const Rows<float, 2> part = Rows<float, 2>{numbers.data(), 4}.subrows(1, 2);
        CHECK(part.data == numbers.data() + 2);
        CHECK(part.count == 2);
    }

    TEST_CASE("Rows writes through, and can be made read-only but not back") {
        std::array<float, 4> numbers{};
        const Rows<float, 2> rows{numbers.data(), 2};
        rows[1][0] = 5;
        CHECK(numbers[2] == 5);
        const Rows<const float, 2> read = rows;
        CHECK(read[1][0] == 5);
        CHECK(read.count == 2);
        CHECK_FALSE(std::is_convertible_v<Rows<const float, 2>, Rows<float, 2>>);
    }

    TEST_CASE("rank_of counts the dimensions") {
        CHECK(rank_of<Vector<float, 3>> == 1);
        CHECK(rank_of<Matrix<float>> == 2);
        CHECK(rank_of<xt::xtensor<float, 3>> == 3);
        CHECK(rank_of<xt::xtensor_fixed<float, xt::xshape<2, 3>>> == 2);
    }

    TEST_CASE("rank_of counts the dimensions of views and expressions") {
        Matrix<float> m = numbered();
        const xt::xtensor<float, 1> x = xt::zeros<float>({3});
        CHECK(has_rank(matrix_view<2, 3>(m.data()), 2));
        CHECK(has_rank(vector_view<3>(m.data()), 1));
        CHECK(has_rank(xt::view(m, 1, xt::all()), 1));
        CHECK(has_rank(xt::view(m, xt::range(1, 3)), 2));
        CHECK(has_rank(xt::view(x, xt::newaxis(), xt::all()), 2));
        CHECK(has_rank(m + m, 2));
        CHECK(has_rank(2 * x, 1));
        CHECK(has_rank(m + x, 2));
        CHECK_FALSE(has_rank(m, 1));
        CHECK_FALSE(has_rank(x, 2));
    }

    TEST_CASE("ArrayOfRank refuses arrays whose rank is known only at run time, and types that are no arrays") {
        CHECK_FALSE(ArrayOfRank<xt::xarray<float>, 2>);
        CHECK_FALSE(ArrayOfRank<std::vector<float>, 1>);
        CHECK_FALSE(ArrayOfRank<float, 1>);
    }

    TEST_CASE("contiguous row-major arrays lie flat") {
        Matrix<float> m = numbered();
        CHECK(flat_floats(m));
        CHECK(flat_floats(Vector<float, 3>()));
        CHECK(flat_floats(matrix_view<2, 3>(m.data())));
        CHECK(flat_floats(vector_view<3>(m.data())));
        CHECK(flat_floats(xt::view(m, 1, xt::all())));
        CHECK(flat_floats(xt::view(m, xt::range(1, 3), xt::all())));
    }

    TEST_CASE("expressions without memory don't lie flat") {
        const Matrix<float> m = numbered();
        CHECK_FALSE(flat_floats(m + m));
        CHECK_FALSE(flat_floats(2 * m));
    }

    TEST_CASE("column-major arrays and arrays with gaps don't lie flat") {
        const Matrix<float> m = numbered();
        const xt::xtensor<float, 2, xt::layout_type::column_major> columns = m;
        CHECK_FALSE(flat_floats(columns));
        CHECK_FALSE(flat_floats(xt::transpose(m)));
        CHECK_FALSE(flat_floats(xt::view(m, xt::all(), 1)));
        CHECK_FALSE(flat_floats(xt::view(m, xt::all(), xt::range(0, 2))));
        CHECK_FALSE(flat_floats(xt::view(m, xt::range(0, 4, 2), xt::all())));
        CHECK_FALSE(flat_floats(xt::view(m, xt::keep(0, 2), xt::all())));
    }

    TEST_CASE("an array of other numbers doesn't lie flat for this type") {
        CHECK(detail::lies_flat<Matrix<double>, double>);
        CHECK_FALSE(detail::lies_flat<Matrix<double>, float>);
        CHECK_FALSE(detail::lies_flat<Matrix<int>, float>);
    }

    TEST_CASE("flat_data returns the first number, also of a view that begins inside its array") {
        Matrix<float> m = numbered();
        CHECK(detail::flat_data(m) == m.data());
        CHECK(detail::flat_data(xt::view(m, 2, xt::all())) == m.data() + 6);
        CHECK(detail::flat_data(xt::view(m, xt::range(1, 3), xt::all())) == m.data() + 3);
        CHECK(detail::flat_data(matrix_view<2, 3>(m.data() + 3)) == m.data() + 3);
    }

    TEST_CASE("static_extent is the length of an axis, where the type has it") {
        using Shape = Vector<float, 3>::shape_type;
        CHECK(detail::static_extent<Shape, 0>::value == 3);
        CHECK(detail::static_extent<xt::fixed_shape<2, 5>, 1>::value == 5);
    }

    TEST_CASE("vector_view reads and writes the memory it is given") {
        std::array<float, 3> memory{1, 2, 3};
        auto view = vector_view<3>(memory.data());
        CHECK(view.shape()[0] == 3);
        CHECK(view(2) == 3);
        view(1) = 7;
        CHECK(memory == std::array<float, 3>{1, 7, 3});
        view = xt::xtensor<float, 1>{4, 5, 6};
        CHECK(memory == std::array<float, 3>{4, 5, 6});
    }

    TEST_CASE("matrix_view reads and writes the memory it is given, row by row") {
        std::array<float, 6> memory{1, 2, 3, 4, 5, 6};
        auto view = matrix_view<2, 3>(memory.data());
        CHECK(view.shape()[0] == 2);
        CHECK(view.shape()[1] == 3);
        CHECK(view(1, 0) == 4);
        view(0, 2) = 9;
        CHECK(memory[2] == 9);
        view *= 2;
        CHECK(memory == std::array<float, 6>{2, 4, 18, 8, 10, 12});
        view = Matrix<float>{{6, 5, 4}, {3, 2, 1}};
        CHECK(memory == std::array<float, 6>{6, 5, 4, 3, 2, 1});
    }

    TEST_CASE("views of constant memory can be read only") {
        const std::array<float, 4> memory{1, 2, 3, 4};
        const auto matrix = matrix_view<2, 2>(memory.data());
        const auto vector = vector_view<4>(memory.data());
        CHECK(matrix(1, 1) == 4);
        CHECK(vector(3) == 4);
        CHECK(std::is_same_v<decltype(matrix(1, 1)), const float&>);
        CHECK(std::is_same_v<decltype(vector(3)), const float&>);
    }

    TEST_CASE("a copy of a view sees the same memory") {
        std::array<float, 4> memory{1, 2, 3, 4};
        const auto view = matrix_view<2, 2>(memory.data());
        auto copy = view;
        copy(0, 0) = 8;
        CHECK(memory[0] == 8);
        CHECK(view(0, 0) == 8);
        const std::vector copies(3, vector_view<4>(memory.data()));
        CHECK(copies[2](0) == 8);
    }

    TEST_CASE("a view outlives the expression that made it") {
        std::array<float, 4> memory{1, 2, 3, 4};
        const auto made = [&] { return matrix_view<2, 2>(memory.data()); };
        const auto view = made();
        memory[3] = 5;
        CHECK(view(1, 1) == 5);
    }

    TEST_CASE("a matrix_view refuses an array of another shape, and its memory stays as it was") {
        std::array<float, 6> memory{1, 2, 3, 4, 5, 6};
        const std::array<float, 6> before = memory;
        auto view = matrix_view<2, 3>(memory.data());
        const auto assign = [&](std::size_t rows, std::size_t columns) { view = Matrix<float>({rows, columns}, 0.0F); };
        CHECK_THROWS_AS(assign(2, 2), std::exception);
        CHECK_THROWS_AS(assign(3, 3), std::exception);
        CHECK_THROWS_AS(assign(4, 6), std::exception);
        CHECK_THROWS_AS(assign(3, 2), std::exception);  // as many numbers, but transposed
        CHECK(memory == before);
        CHECK_NOTHROW(assign(2, 3));
        CHECK(memory != before);
    }

    TEST_CASE("a view refuses a view of another shape, and its memory stays as it was") {
        std::array<float, 16> memory{1, 2, 3, 4, 5, 6};
        const std::array<float, 16> before = memory;
        std::array<float, 16> others{};
        auto view = matrix_view<2, 3>(memory.data());
        CHECK_THROWS_AS((view = matrix_view<2, 2>(others.data())), std::exception);
        CHECK_THROWS_AS((view = matrix_view<4, 4>(others.data())), std::exception);
        CHECK_THROWS_AS((view = matrix_view<3, 2>(others.data())), std::exception);
        CHECK(memory == before);
        CHECK_NOTHROW((view = matrix_view<2, 3>(others.data())));
        CHECK(memory != before);
    }

    TEST_CASE("a vector_view refuses an array of another length, and its memory stays as it was") {
        std::array<float, 3> memory{1, 2, 3};
        const std::array<float, 3> before = memory;
        auto view = vector_view<3>(memory.data());
        const auto assign = [&](std::size_t size) { view = xt::xtensor<float, 1>({size}, 0.0F); };
        CHECK_THROWS_AS(assign(2), std::exception);
        CHECK_THROWS_AS(assign(4), std::exception);
        CHECK(memory == before);
        CHECK_NOTHROW(assign(3));
        CHECK(memory != before);
    }
}

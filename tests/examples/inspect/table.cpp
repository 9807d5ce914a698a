#include <inspect/table.hpp>
#include <sstream>
#include <string>
#include <support/gzip.hpp>
#include <support/temporary_file.hpp>
#include <typenet/core/error.hpp>
#include <utility>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

/// Inspects files in a folder of its own, and returns what is printed, with FILE for a file's name.
class Files {
public:
    std::string inspect(const std::string& bytes, const std::string& answer = "", const inspect::CsvHints& hints = {}) {
        const auto path = folder_.write("a.csv", bytes);
        std::ostringstream out;
        const auto finish = [&] {
            printed_ = out.str();
            for (std::size_t found = 0; (found = printed_.find(path.string())) != std::string::npos;) {
                printed_.replace(found, path.string().size(), "FILE");
            }
        };
        try {
            inspect::inspect_table(path, answer, hints, out);
        } catch (...) {
            finish();
            throw;
        }
        finish();
        return printed_;
    }

    /// Returns what the last call printed, also where it threw.
    [[nodiscard]] const std::string& printed() const { return printed_; }

private:
    support::TemporaryDirectory folder_;
    std::string printed_;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_SUITE("examples/inspect/table") {
    TEST_CASE("a file of mixed columns is printed with its facts, and as types to paste") {
        const std::string text =
            "id;when;kind;size;price\n"
            "17;2024-01-03;\"new\";1,5;249900\n"
            "18;2024-01-04;used;2,25;199500\n"
            "19;2024-01-05;used;;310000\n";
        CHECK(Files().inspect(text) == R"(FILE: 3 rows, 5 columns separated by ";", with a header

id     3 whole numbers from 17 to 19, mean 18; unique
when   3 texts; unique
kind   3 texts; new (1), used (2)
size   2 numbers from 1.5 to 2.25, mean 1.875; 1 missing
price  3 whole numbers from 199500 to 310000, mean 253133; unique

// The answer is "price", the last column; --label NAME chooses another one.
// Left out: "id" numbers the rows.
// Left out: "when" has another text in each row.
// Optional columns need a network that begins with Standardize.
using Row = Columns<Category<"kind", "new", "used">,
                    Optional<Number<"size">>>;
using Answer = Target<"price">;
const auto data = load_csv<Row, Answer>("FILE", {.delimiter = ';', .decimal_point = ','});
)");
    }

    TEST_CASE("a file without a header gets names for its columns") {
        CHECK(has(Files().inspect("1.5 a\n2 b\n4 a\n"), R"(separated by blanks, without a header

column 0  3 numbers from 1.5 to 4, mean 2.5
column 1  3 texts; a (2), b (1)

// The answer is "column 1", the last column; --label NAME chooses another one.
using Row = Columns<Number<"column 0">>;
using Answer = Label<"column 1", "a", "b">;
const auto data = load_csv<Row, Answer>("FILE", {.delimiter = ' ', .column_names = {"column 0", "column 1"}});
)"));
    }

    TEST_CASE("a hint says that a header may be data") {
        CHECK(has(Files().inspect("p,x\ne,x\np,y\n"), "--header absent.\n"));
        CHECK_FALSE(has(Files().inspect("a,x\ne,x\np,y\n"), "--header absent"));
    }

    TEST_CASE("skipped lines and comments are options of the printed call") {
        CHECK(has(Files().inspect("x\n# y\na\tb\n1\t2\n1.5\t3\n", "", {.skip_lines = 1}),
                  R"("FILE", {.delimiter = '\t', .comment = '#', .skip_lines = 1});)"));
        CHECK(has(Files().inspect("a,b\n1,2\n1.5,3\n"), R"(load_csv<Row, Answer>("FILE");)"));
    }

    TEST_CASE("the answer is the last column with values, or the one that is named") {
        const std::string text = "a,b,\n0,2.5,\n1,3,\n";
        CHECK(has(Files().inspect(text), "using Row = Columns<Number<\"a\">>;\nusing Answer = Target<\"b\">;"));
        CHECK(has(Files().inspect(text), "// Left out: \"\" has no values.\n"));
        CHECK(has(Files().inspect(text, "a"), R"(// The answer is "a"; --label NAME chooses another one.
// Left out: "" has no values.
// The numbers of "a" are few, so they are taken for classes.
using Row = Columns<Number<"b">>;
using Answer = Label<"a", "0", "1">;)"));
        CHECK_THROWS_WITH_AS(Files().inspect(text, "c"),
                             doctest::Contains(R"(no column is named "c"; there are "a", "b", "")"), FileError);
        CHECK_THROWS_WITH_AS(Files().inspect("a,b\n,\n"), doctest::Contains("has no values"), FileError);
    }

    TEST_CASE("columns of one name are left out, and can't be the answer") {
        const std::string text = "a,b,b,c\n1,2,3,0\n2,3,4,1\n";
        const std::string printed = Files().inspect(text);
        CHECK(has(printed, "using Row = Columns<Number<\"a\">>;"));
        CHECK(has(printed, "// Left out: \"b\" has the name of another column."));
        CHECK_THROWS_WITH_AS(Files().inspect(text, "b"), doctest::Contains("more than one column is named \"b\""),
                             FileError);
    }

    TEST_CASE("where there can be no types, the facts are printed before the error") {
        Files files;
        CHECK_THROWS_WITH_AS(files.inspect("a,y\n1,0\n2,\n"),
                             doctest::Contains("the column \"y\" can't be the answer: it is missing in 1 of 2 rows"),
                             FileError);
        CHECK(has(files.printed(), "y  1 whole numbers from 0 to 0, mean 0; 1 missing"));
        CHECK_FALSE(has(files.printed(), "using"));
        CHECK_THROWS_WITH_AS(files.inspect("a,y\n1,0\n1,1\n"), doctest::Contains("no column is left"), FileError);
    }

    TEST_CASE("rows of another length are errors, and so is a header alone") {
        CHECK_THROWS_WITH_AS(Files().inspect("a,b\n1,2\n1,2,3\n"),
                             doctest::Contains("a.csv:3: the row has 3 fields, the first row 2"), FileError);
        CHECK_THROWS_WITH_AS(Files().inspect("a,b\n"), doctest::Contains("no rows after the header"), FileError);
    }

#if TYPENET_USE_ZLIB
    TEST_CASE("a file may be compressed") {
        CHECK(has(Files().inspect(support::gzip("a,b\n1,2\n1.5,3\n")), "2 rows, 2 columns"));
    }
#endif
}

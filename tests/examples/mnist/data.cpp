#include <cstdlib>
#include <filesystem>
#include <mnist/data.hpp>
#include <optional>
#include <string>
#include <support/gzip.hpp>
#include <support/mnist_csv.hpp>
#include <support/temporary_file.hpp>
#include <typenet/core/error.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

using support::TemporaryDirectory;

/// Sets or clears an environment variable; the destructor restores it.
class Environment {
public:
    Environment(const char* name, const std::optional<std::string>& value) : name_(name) {
        if (const char* old = std::getenv(name)) old_ = old;
        set(value);
    }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    ~Environment() { set(old_); }

private:
    void set(const std::optional<std::string>& value) const {
        if (value) {
            setenv(name_, value->c_str(), 1);
        } else {
            unsetenv(name_);
        }
    }
    const char* name_;
    std::optional<std::string> old_;
};

/// Changes the working directory; the destructor changes it back.
class WorkingDirectory {
public:
    explicit WorkingDirectory(const std::filesystem::path& path) : old_(std::filesystem::current_path()) {
        std::filesystem::current_path(path);
    }
    WorkingDirectory(const WorkingDirectory&) = delete;
    WorkingDirectory& operator=(const WorkingDirectory&) = delete;
    ~WorkingDirectory() { std::filesystem::current_path(old_); }

private:
    std::filesystem::path old_;
};

/// Returns a CSV file with one digit of the given label whose pixels are all equal.
std::string csv(std::int32_t label, std::uint8_t pixel) {
    const std::vector<std::uint8_t> pixels(784, pixel);
    return support::mnist_csv(std::span(&label, 1), pixels);
}

std::string idx_images(unsigned char pixel) {
    return std::string("\0\0\x08\x03\0\0\0\x01\0\0\0\x1c\0\0\0\x1c", 16) + std::string(784, static_cast<char>(pixel));
}
std::string idx_labels(char label) { return std::string("\0\0\x08\x01\0\0\0\x01", 8) + label; }

}  // namespace

TEST_SUITE("examples/mnist/data") {
    TEST_CASE("the order is: the named folder, TYPENET_MNIST_DIR, data/mnist, synthetic digits") {
        const TemporaryDirectory named;
        const TemporaryDirectory variable;
        const TemporaryDirectory work;
        (void)named.write("mnist_train.csv", csv(1, 1));
        (void)variable.write("mnist_train.csv", csv(1, 1));
        std::filesystem::create_directories(work / "data/mnist");
        (void)work.write("data/mnist/mnist_train.csv", csv(1, 1));
        const WorkingDirectory here(work.path());
        {
            const Environment set("TYPENET_MNIST_DIR", variable.path().string());
            CHECK(mnist::find_digits(named.path().string()).folder == named.path());
            CHECK(mnist::find_digits("").folder == variable.path());
        }
        const Environment unset("TYPENET_MNIST_DIR", std::nullopt);
        CHECK(mnist::find_digits("").folder == std::filesystem::path("data/mnist"));
        std::filesystem::remove_all(work / "data");
        CHECK_FALSE(mnist::find_digits("").folder.has_value());
        CHECK(mnist::find_digits("").describe() == "synthetic digits");
    }

    TEST_CASE("a named folder without MNIST is an error and isn't replaced by synthetic digits") {
        const TemporaryDirectory empty;
        CHECK_THROWS_AS((void)mnist::find_digits(empty.path().string()), FileError);
        CHECK_THROWS_AS((void)mnist::find_digits((empty / "nowhere").string()), FileError);
        const Environment set("TYPENET_MNIST_DIR", empty.path().string());
        CHECK_THROWS_AS((void)mnist::find_digits(""), FileError);
    }

    TEST_CASE("CSV and IDX files are read with the same scale") {
        const TemporaryDirectory folder;
        (void)folder.write("mnist_train.csv", csv(7, 51));
        (void)folder.write("t10k-images-idx3-ubyte", idx_images(51));
        (void)folder.write("t10k-labels-idx1-ubyte", idx_labels(3));
        const mnist::Source source = mnist::find_digits(folder.path().string());
        const Dataset<784> train = mnist::load_digits(source, mnist::Part::train);
        const Dataset<784> test = mnist::load_digits(source, mnist::Part::test);
        CHECK(train.label(0) == 7);
        CHECK(test.label(0) == 3);
        CHECK(train.row(0)(5) == doctest::Approx(0.2));
        CHECK(train.row(0) == test.row(0));
    }

    TEST_CASE("IDX files may be spelled with a dot") {
        const TemporaryDirectory folder;
        (void)folder.write("train-images.idx3-ubyte", idx_images(51));
        (void)folder.write("train-labels.idx1-ubyte", idx_labels(3));
        const mnist::Source source = mnist::find_digits(folder.path().string());
        const Dataset<784> train = mnist::load_digits(source, mnist::Part::train);
        CHECK(train.label(0) == 3);
        CHECK(train.row(0)(5) == doctest::Approx(0.2));
    }

#if TYPENET_USE_ZLIB
    TEST_CASE("IDX files of both spellings may be gzipped") {
        const TemporaryDirectory folder;
        (void)folder.write("t10k-images.idx3-ubyte.gz", support::gzip(idx_images(51)));
        (void)folder.write("t10k-labels-idx1-ubyte.gz", support::gzip(idx_labels(4)));
        const mnist::Source source = mnist::find_digits(folder.path().string());
        const Dataset<784> test = mnist::load_digits(source, mnist::Part::test);
        CHECK(test.label(0) == 4);
        CHECK(test.row(0)(5) == doctest::Approx(0.2));
    }
#endif

    TEST_CASE("a label that is no digit and a pixel that is no byte are refused") {
        const TemporaryDirectory folder;
        (void)folder.write("mnist_train.csv", csv(10, 5));
        std::string too_bright = csv(1, 255);
        too_bright.replace(too_bright.rfind("255"), 3, "256");
        (void)folder.write("mnist_test.csv", too_bright);
        const mnist::Source source = mnist::find_digits(folder.path().string());
        CHECK_THROWS_AS((void)mnist::load_digits(source, mnist::Part::train), FileError);
        CHECK_THROWS_AS((void)mnist::load_digits(source, mnist::Part::test), FileError);
    }

    TEST_CASE("the synthetic sets are as large as MNIST's, and test and training digits differ") {
        const Dataset<784> train = mnist::load_digits({}, mnist::Part::train);
        const Dataset<784> test = mnist::load_digits({}, mnist::Part::test);
        CHECK(train.size() == 60000);
        CHECK(test.size() == 10000);
        CHECK_FALSE(train.row(0) == test.row(0));
    }
}

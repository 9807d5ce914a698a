#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/io/detail/npz_file.hpp>

#include <doctest/doctest.h>

// The bytes of .npy files and of .npz archives. What `load_npz` makes of them is tested in io/npz.cpp.

using namespace typenet;
using namespace typenet::detail;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

/// An .npy file of version 1 with this header.
std::string npy(std::string_view header, std::string_view data = "12345678") {
    std::string file("\x93NUMPY\1\0", 8);
    file += static_cast<char>(header.size());
    file += '\0';
    return file.append(header).append(data);
}

/// Why it is refused; nothing where it is taken.
std::string complaint(std::string_view file) {
    try {
        (void)read_npy("file", "a", file);
        return "";
    } catch (const Error& error) {
        return error.what();
    }
}

StoredModel two_arrays() {
    StoredModel model;
    model.tensors.push_back({.name = "0.weight", .dtype = "F32", .shape = {1, 2}, .bytes = "12345678"});
    model.tensors.push_back({.name = "0.bias", .dtype = "F64", .shape = {1}, .bytes = "abcdefgh"});
    model.metadata = {{"key", "value \""}, {"other", ""}};
    return model;
}

}  // namespace

TEST_SUITE("io/detail/npz_file") {
    TEST_CASE("an array as NumPy 1.24 writes it") {
        const std::string header =
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }" + std::string(58, ' ') + "\n";
        const std::string file = npy(header);
        const StoredTensor tensor = read_npy("file", "a", file);
        CHECK(tensor.dtype == "F32");
        CHECK(tensor.shape == std::vector<std::size_t>{1, 2});
        CHECK(tensor.bytes == "12345678");
        CHECK_FALSE(tensor.column_major);
        CHECK(write_npy(tensor) == file);
        const StoredTensor vector{.name = "", .dtype = "F64", .shape = {1}, .bytes = "12345678"};
        CHECK(write_npy(vector) ==
              npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }" + std::string(60, ' ') + "\n"));
    }

    TEST_CASE("headers may be written in other ways") {
        const auto shape = [](std::string_view header) { return read_npy("file", "a", npy(header)).shape; };
        using Shape = std::vector<std::size_t>;
        CHECK(shape("{'descr':'<f8','fortran_order':True,'shape':(1,)}") == Shape{1});
        CHECK(shape("{'shape': (), 'descr': '<f8', 'fortran_order': False}\n") == Shape{});
        CHECK(shape("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3, 4)}") == Shape{2, 3, 4});
        CHECK(read_npy("file", "a", npy("{'descr':'<f8','fortran_order':True,'shape':(1,)}")).column_major);
        CHECK(read_npy("file", "a", npy("{'descr':'>f8','fortran_order':True,'shape':(1,)}")).dtype == "NumPy's >f8");
        CHECK(read_npy("file", "a", npy("{'descr':'F32','fortran_order':True,'shape':(1,)}")).dtype == "NumPy's F32");
        const std::string longer = "\x93NUMPY\2\0\x31\0\0\0{'descr':'<f8','fortran_order':True,'shape':(1,)}12345678"s;
        CHECK(read_npy("file", "a", longer).bytes == "12345678");
        std::string in_utf8 = longer;
        in_utf8[6] = 3;
        CHECK(read_npy("file", "a", in_utf8).bytes == "12345678");
    }

    TEST_CASE("headers that are none are refused") {
        const std::string wrong = "file: entry a: its header is wrong at byte ";
        CHECK(complaint("") == "there are fewer bytes than announced");
        CHECK(complaint("\x93NUMPX\1\0\0\0"sv) == "it is not a .npy file");
        CHECK(complaint("\x93NUMPY\4\0\0\0"sv) == "its version 4 is unknown");
        CHECK(complaint("\x93NUMPY\1\0\xFF\xFF"sv) == "there are fewer bytes than announced");
        CHECK(complaint(npy("")) == wrong + "1: { must stand here");
        CHECK(complaint(npy("{")) == wrong + "2: a text must stand here");
        CHECK(complaint(npy("{}")) == "its header is incomplete");
        CHECK(complaint(npy("{'descr':'<f8','fortran_order':True}")) == "its header is incomplete");
        CHECK(complaint(npy("{'descr")) == wrong + "8: a text must be closed, in UTF-8");
        CHECK(complaint(npy("{'descr' '<f4'}")) == wrong + "10: : must stand here");
        CHECK(complaint(npy("{'descr': [('a', '<f4')]}")) == wrong + "11: a text must stand here");
        CHECK(complaint(npy("{'fortran_order': 0}")) == wrong + "19: True or False must stand here");
        CHECK(complaint(npy("{'shape': 3}")) == wrong + "11: ( must stand here");
        CHECK(complaint(npy("{'shape': (3}")) == wrong + "13: , must stand here");
        CHECK(complaint(npy("{'shape': (3, 4) 'descr': '<f4'}")) == wrong + "18: , must stand here");
        CHECK(complaint(npy("{'shape': (-3,)}")) == wrong + "12: a whole number must stand here");
        CHECK(complaint(npy("{'shape': (18446744073709551616,)}")) == wrong + "12: a whole number must stand here");
        std::string ones;
        for (int i = 0; i < 65; ++i) ones += "1,";
        CHECK(complaint(npy("{'shape': (" + ones + ")}")) == wrong + "140: a list of at most 64 items must end here");
        CHECK(complaint(npy("{'more': 3}")) == wrong + "9: the format has no field more");
        CHECK(complaint(npy("{'descr':'<f8','fortran_order':True,'shape':(1,)} x")) ==
              wrong + "51: nothing more must follow");
        CHECK(complaint(npy("{'descr':'<f8','fortran_order':True,'descr':'<f8'}")) == wrong + "44: descr comes twice");
    }

    TEST_CASE("an archive of arrays is read as it was written") {
        const std::string file = write_npz("save_npz", two_arrays());
        const StoredModel read = read_npz("file", file);
        REQUIRE(read.tensors.size() == 2);
        CHECK(read.tensors[0].name == "0.weight");
        CHECK(read.tensors[0].bytes == "12345678");
        CHECK(read.tensors[1].name == "0.bias");
        CHECK(read.tensors[1].dtype == "F64");
        CHECK(read.tensors[1].shape == std::vector<std::size_t>{1});
        CHECK(read.metadata == two_arrays().metadata);
    }

    TEST_CASE("what a ZIP archive can't hold is refused before it is copied") {
        StoredModel model = two_arrays();
        static const char byte = 0;
        model.tensors[0].bytes = std::string_view(&byte, std::size_t{1} << 32);  // not to be read
        CHECK_THROWS_WITH_AS((void)write_npz("save_npz", model), "save_npz: an .npz file can't hold 4 GiB", DataError);
        // Nor numbers that only the headers lift above that size.
        model.tensors[0].bytes = std::string_view(&byte, (std::size_t{1} << 32) - (std::size_t{1} << 20));
        CHECK_THROWS_AS((void)write_npz("save_npz", model), DataError);
        const std::string large(std::size_t{20} << 20, 'x');
        model.tensors[0].bytes = large;
        CHECK(write_npz("save_npz", model).size() > large.size());
    }

    TEST_CASE("arrays without metadata are a model as well") {
        const std::string array = write_npy(two_arrays().tensors[0]);
        const std::string archive = write_zip({{"a.npy", array}});
        const StoredModel read = read_npz("file", archive);
        REQUIRE(read.tensors.size() == 1);
        CHECK(read.tensors[0].name == "a");
        CHECK(read.metadata.empty());
    }

    TEST_CASE("what is wrong in an archive is said with the entry's name") {
        const auto complaint_of = [](const std::string& name, const std::string& bytes) {
            const std::string archive = write_zip({{name, bytes}});
            try {
                (void)read_npz("file", archive);
                return std::string();
            } catch (const FileError& error) {
                return std::string(error.what());
            }
        };
        const auto array = [](const std::string& dtype, const std::string& bytes) {
            return write_npy({.name = "", .dtype = dtype, .shape = {bytes.size()}, .bytes = bytes});
        };
        CHECK(complaint_of("a", array("U8", "")) == "file: entry a: it is not a .npy file");
        CHECK(complaint_of(".npy", array("U8", "")).empty());
        CHECK(complaint_of("a.npy", "text").starts_with("file: entry a.npy: there are fewer bytes"));
        CHECK(complaint_of("__metadata__.npy", array("F32", "")) ==
              "file: entry __metadata__.npy: it is not an array of bytes");
        CHECK(complaint_of("__metadata__.npy", array("U8", "[]")) ==
              "file: __metadata__ is wrong at byte 1: { must stand here");
        CHECK(complaint_of("__metadata__.npy", array("U8", "{\"a\":1}")) ==
              "file: __metadata__ is wrong at byte 6: a text must stand here");
        const std::string longer = write_npy({.name = "", .dtype = "U8", .shape = {3}, .bytes = "{}"});
        CHECK(complaint_of("__metadata__.npy", longer) == "file: entry __metadata__.npy: it is not an array of bytes");
    }
}

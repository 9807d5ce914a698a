#include "mnist/web_page.hpp"

#include <cstdlib>
#include <string>
#include <system_error>

#include <typenet/core/error.hpp>

namespace mnist {
namespace {

/// Makes a temporary folder; its destructor removes the folder with all its files.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "mnist-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw typenet::FileError(name, "cannot be made");
        path_ = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

/// Returns the text quoted as one word of a shell command.
std::string quoted(const std::string& text) {
    std::string word = "'";
    for (const char c : text) c == '\'' ? word += "'\\''" : word += c;
    return word + "'";
}

}  // namespace

void write_page(const std::filesystem::path& folder,
                const std::function<void(const std::filesystem::path& path, const std::string& name)>& write_header) {
    const TemporaryFolder work;
    write_header(work.path() / "digits_net.hpp", "digits");
    const std::string script = MNIST_WEB_FOLDER "/compile.sh";
    const std::string command =
        "sh " + quoted(script) + " " + quoted(work.path().string()) + " " + quoted(folder.string());
    if (std::system(command.c_str()) != 0) {
        throw typenet::FileError(folder.string(), "has no new page: " + script + " failed");
    }
}

}  // namespace mnist

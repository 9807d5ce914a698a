#pragma once

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <string>

#if __has_include(<features.h>)
#    include <features.h>  // defines __GLIBC__
#endif

#include <support/temporary_file.hpp>

#include <doctest/doctest.h>

namespace support {

/// Sets the locale for numbers to one with a decimal comma, until the end of the scope. Few systems have one installed;
/// with glibc it is made by localedef, from sources of its own.
class CommaLocale {
public:
    CommaLocale() {
        for (const char* const name : {"de_DE.UTF-8", "fr_FR.UTF-8", "de-DE", "German_Germany"}) {
            if (set(name)) return;
        }
#if defined(__GLIBC__)
        std::string characters = "<code_set_name> ANSI_X3.4-1968\n<escape_char> /\nCHARMAP\n";
        for (unsigned code = 0; code < 128; ++code) {
            char line[32];
            std::snprintf(line, sizeof line, "<U%04X> /x%02x\n", code, code);
            characters += line;
        }
        const auto charmap = directory_.write("characters", characters + "END CHARMAP\n");
        const auto source = directory_.write("source",
                                             "LC_NUMERIC\ndecimal_point \",\"\nthousands_sep \".\"\n"
                                             "grouping 3;3\nEND LC_NUMERIC\n");
        const std::string command = "localedef --no-archive -c -f '" + charmap.string() + "' -i '" + source.string() +
                                    "' '" + (directory_ / "comma").string() + "' >/dev/null 2>&1";
        // Its status is an error, as there are no other categories.
        if (std::system(command.c_str()) < 0) return;
        ::setenv("LOCPATH", directory_.path().c_str(), 1);
        (void)set("comma");
        ::unsetenv("LOCPATH");
#endif
        if (!is_set()) MESSAGE("there is no locale with a decimal comma");
    }
    CommaLocale(const CommaLocale&) = delete;
    CommaLocale& operator=(const CommaLocale&) = delete;
    ~CommaLocale() { std::setlocale(LC_NUMERIC, "C"); }

    /// Says whether there is such a locale: musl, for example, has none.
    [[nodiscard]] bool is_set() const { return *std::localeconv()->decimal_point == ','; }

private:
    [[nodiscard]] bool set(const char* name) { return std::setlocale(LC_NUMERIC, name) != nullptr && is_set(); }

    TemporaryDirectory directory_;
};

}  // namespace support

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstddef>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <support/data_folders.hpp>

namespace {

/// Counts the test cases that pass the filters: filters that match no test case must not look like success.
struct Count : doctest::IReporter {
    static inline unsigned passing = 0;

    explicit Count(const doctest::ContextOptions&) {}
    void test_run_end(const doctest::TestRunStats& stats) override { passing = stats.numTestCasesPassingFilters; }

    void report_query(const doctest::QueryData&) override {}
    void test_run_start() override {}
    void test_case_start(const doctest::TestCaseData&) override {}
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_end(const doctest::CurrentTestCaseStats&) override {}
    void test_case_exception(const doctest::TestCaseException&) override {}
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData&) override {}
    void log_message(const doctest::MessageData&) override {}
    void test_case_skipped(const doctest::TestCaseData&) override {}
};

}  // namespace

REGISTER_LISTENER("count", 1, Count);

/// Runs doctest, with two additions: filters that match no test case are a failure, and a suite whose data is missing
/// exits with 77.
int main(int argc, char** argv) {
    constexpr std::string_view option = "--test-suite=";
    for (const std::string_view argument : std::span(argv, static_cast<std::size_t>(argc))) {
        if (!argument.starts_with(option)) continue;
        const std::string missing = support::missing_data(argument.substr(option.size()));
        if (!missing.empty()) {
            std::cout << "skipped: " << missing << '\n';
            return 77;
        }
    }
    doctest::Context context(argc, argv);
    const int result = context.run();
    if (!context.shouldExit() && Count::passing == 0) {
        std::cout << "no test case matches\n";
        return 1;
    }
    return result;
}

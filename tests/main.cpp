#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>
#include <iostream>

namespace {

/// Counts the test cases that the filters let through: a filter that none passes must not look like success.
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

/// doctest's main, with two additions: no matching test case is a failure, and the suites below real_data, which need
/// MNIST's files, exit with 77 where TYPENET_MNIST_DIR is not set.
int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        if (std::strncmp(argv[i], "--test-suite=real_data/", 23) == 0 && std::getenv("TYPENET_MNIST_DIR") == nullptr) {
            std::cout << "skipped: TYPENET_MNIST_DIR does not name a folder with MNIST's files\n";
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

// The k-th file operation of a promotion fails, for k = 1, 2, ... until a run meets none; each time it ends
// with one clear error, traffic is answered, and with the fault gone everything comes to agree.
#include <cerrno>
#include <cstdio>

#include "fault_runs.hpp"

namespace halcyon::fault_tests {
namespace {

using lab_tests::ended;

struct FailingCall {
  const char* name;
  Fault fault;
  int error_number;
  bool is_survived;      ///< the promotion succeeds all the same
  std::uint64_t stride;  ///< of the points that are tried by default
};

/// Names the case in messages of GoogleTest.
void PrintTo(const FailingCall& call, std::ostream* out) { *out << call.name; }

class FailingCalls : public testing::TestWithParam<FailingCall> {
 protected:
  void SetUp() override { runs_.install(); }

  FaultRuns runs_;
};

TEST_P(FailingCalls, end_in_a_clear_error_and_nothing_is_lost) {
  const FailingCall& call = GetParam();
  const std::uint64_t stride = is_full() ? 1 : call.stride;
  std::uint64_t tried = 0, succeeded = 0, point = 1;
  while (runs_.promote_with({call.fault, call.error_number, point})) {
    SCOPED_TRACE("point " + std::to_string(point) + ": " + runs_.place());
    ASSERT_LT(point, crash_tests::k_too_many);
    ASSERT_NO_FATAL_FAILURE(runs_.check_end());
    if (call.is_survived) ASSERT_EQ(runs_.last().exit_code, 0);
    ++tried;
    if (runs_.last().exit_code == 0) ++succeeded;
    ASSERT_NO_FATAL_FAILURE(runs_.recover(tried % 2 == 0));
    point += stride;
  }
  ASSERT_TRUE(ended(runs_.last(), 0, "deployed")) << "it met no fault";
  EXPECT_GE(runs_.control().passed, crash_tests::k_fewest_points) << "does the linker still wrap the calls?";
  std::printf("operations of a promotion that failed (%s): %llu of %llu, %llu of them it went on from\n",
              call.name, static_cast<unsigned long long>(tried),
              static_cast<unsigned long long>(runs_.control().passed),
              static_cast<unsigned long long>(succeeded));
}

std::string name_of_call(const testing::TestParamInfo<FailingCall>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Errors, FailingCalls,
    testing::Values(FailingCall{"EIO_once", Fault::once, EIO, false, 29},
                    FailingCall{"ENOSPC_once", Fault::once, ENOSPC, false, 4},
                    FailingCall{"EROFS_once", Fault::once, EROFS, false, 9},
                    FailingCall{"EMFILE_once", Fault::once, EMFILE, false, 17},
                    FailingCall{"EINTR_once", Fault::once, EINTR, true, 29},
                    FailingCall{"half_write", Fault::half_write, 0, true, 6},
                    FailingCall{"ENOSPC_from_then_on", Fault::from_then_on, ENOSPC, false, 4},
                    FailingCall{"EIO_from_then_on", Fault::from_then_on, EIO, false, 29},
                    FailingCall{"EROFS_from_then_on", Fault::from_then_on, EROFS, false, 9},
                    FailingCall{"EMFILE_from_then_on", Fault::from_then_on, EMFILE, false, 17}),
    name_of_call);

}  // namespace
}  // namespace halcyon::fault_tests

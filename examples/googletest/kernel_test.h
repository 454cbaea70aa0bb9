/*
 * A fixture for GoogleTest: each test has a kernel of its own, and fails when
 * anything is wrong at its end. To be copied; there is nothing in it that
 * another framework could not do.
 *
 * Headers of the C++ library come before the km headers, so <gtest/gtest.h> and
 * this file are included before <ntddk.h>.
 */
#ifndef KERNEL_TEST_H
#define KERNEL_TEST_H

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include <uwsk/fault.h>
#include <uwsk/peer.h>
#include <uwsk/status.h>
#include <uwsk/uwsk.h>
#include <uwsk/verifier.h>

class KernelTest : public ::testing::Test {
protected:
  /* What the kernel is started with; a fixture may say something else in its
   * constructor. */
  struct uwsk_options options = UWSK_OPTIONS_INIT;

  void SetUp() override {
    ASSERT_EQ(uwsk_start(&options), 0);
  }

  /* A test that has failed already stays what it is: what it has left is
   * printed by uwsk_stop, and is no failure of its own. */
  void TearDown() override {
    bool failed = HasFailure();
    int wrong = uwsk_stop();

    if (wrong < 0) {
      uwsk_after_longjmp(); /* the test has ended at a raised IRQL */
      EXPECT_GE(uwsk_stop(), 0) << "the kernel could not be stopped";
      ADD_FAILURE() << "the test ended at a raised IRQL";
    } else if (wrong > 0 && !failed) {
      ADD_FAILURE() << "wrong at the end of the test:\n" << what_is_wrong();
    }
  }

  static std::string what_is_wrong() {
    char text[4096];

    uwsk_what_is_wrong(text, sizeof text);
    return text;
  }
};

/* EXPECT_STATUS(STATUS_SUCCESS, WskRegister(…)) names both. */
inline ::testing::AssertionResult same_status(const char *, const char *called,
                                              std::int32_t expected,
                                              std::int32_t status) {
  if (status == expected)
    return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << called << " is " << uwsk_status_name(status) << ", not "
         << uwsk_status_name(expected);
}

#define EXPECT_STATUS(expected, called)                                        \
  EXPECT_PRED_FORMAT2(same_status, expected, called)
#define ASSERT_STATUS(expected, called)                                        \
  ASSERT_PRED_FORMAT2(same_status, expected, called)

/* EXPECT_PEER(peer, 5000): its script comes to its end. */
inline ::testing::AssertionResult peer_ends(struct uwsk_peer *peer,
                                            unsigned milliseconds) {
  if (uwsk_peer_wait(peer, milliseconds))
    return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << uwsk_peer_failure(peer);
}

#define EXPECT_PEER(peer, milliseconds)                                        \
  EXPECT_TRUE(peer_ends(peer, milliseconds))

#endif

/* The tutorial's driver under GoogleTest. */
#include "kernel_test.h"

extern "C" {
#include "../tutorial/beacon.h"
}

class Beacon : public KernelTest {
protected:
  WSK_REGISTRATION registration;
  WSK_PROVIDER_NPI wsk;
  PIRP irp = nullptr;

  void SetUp() override {
    static const WSK_CLIENT_DISPATCH dispatch = {MAKE_WSK_VERSION(1, 0), 0,
                                                 nullptr};
    WSK_CLIENT_NPI client = {nullptr, &dispatch};

    KernelTest::SetUp();
    irp = IoAllocateIrp(1, FALSE);
    ASSERT_NE(irp, nullptr);
    ASSERT_STATUS(STATUS_SUCCESS, WskRegister(&client, &registration));
    ASSERT_STATUS(STATUS_SUCCESS,
                  WskCaptureProviderNPI(&registration, WSK_NO_WAIT, &wsk));
  }

  void TearDown() override {
    WskReleaseProviderNPI(&registration);
    WskDeregister(&registration);
    IoFreeIrp(irp);
    KernelTest::TearDown();
  }
};

TEST_F(Beacon, HearsAServer) {
  struct uwsk_peer *server = uwsk_peer_listen(UWSK_PEER_IPV4);

  uwsk_peer_expect(server, "ping", 4);
  uwsk_peer_send(server, "pong", 4);
  uwsk_peer_expect_end(server);
  uwsk_peer_finish(server);
  EXPECT_STATUS(STATUS_SUCCESS, BeaconAsk(&wsk, irp, uwsk_peer_port(server)));
  EXPECT_PEER(server, 5000);
}

TEST_F(Beacon, ReportsANetworkThatGoes) {
  struct uwsk_peer *server = uwsk_peer_listen_only(UWSK_PEER_IPV4);
  struct uwsk_rule rule = UWSK_RULE(UWSK_AT_SEND, UWSK_FAIL_LATER);

  rule.status = STATUS_NETWORK_UNREACHABLE;
  ASSERT_GT(uwsk_fault_arm(&rule), 0);
  EXPECT_STATUS(STATUS_NETWORK_UNREACHABLE,
                BeaconAsk(&wsk, irp, uwsk_peer_port(server)));
}

TEST_F(Beacon, MayNotAskAtARaisedIrql) {
  KIRQL old;

  uwsk_expect_violations("KE-IRQL-01", UWSK_ANY_NUMBER);
  KeRaiseIrql(DISPATCH_LEVEL, &old);
  BeaconAsk(&wsk, irp, 1);
  KeLowerIrql(old);
}

#ifdef SHOW_FAILURES
/* These fail, to show what a failure looks like. */
TEST_F(Beacon, LeavesABlock) {
  static PVOID left; /* leak checkers find it here */

  left = ExAllocatePoolWithTag(NonPagedPoolNx, 100, 'tfeL');
}

TEST_F(Beacon, ExpectsAnotherStatus) {
  EXPECT_STATUS(STATUS_SUCCESS, BeaconAsk(&wsk, irp, 1));
}
#endif

int main(int argc, char **argv) {
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

// exec, attach and run against a real engine: see real_engine_fixture.hpp.
#include "docker_api/container_attach.hpp"
#include "docker_api/exec.hpp"
#include "docker_api/run_container.hpp"
#include "tests/docker_api/real_engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using RealExecTest = RealEngineFixture;

TEST_F(RealExecTest, a_command_is_run_with_input_output_and_exit_code) {
  const ImageId image = build_busybox();
  const ContainerId id = run(create_container(engine_, shell(image, "exec /bin/busybox sleep 60"))).id;
  run(start_container(engine_, id));
  const ExecOutput plain =
      run(run_exec(engine_, id,
                   {.command = {"/bin/sh", "-c", "echo out; echo err >&2; echo $A; exit 7"},
                    .environment = {{"A", "b c"}}}));
  EXPECT_EQ(plain.stdout_text, "out\nb c\n");
  EXPECT_EQ(plain.stderr_text, "err\n");
  EXPECT_EQ(plain.exit_code, 7);

  const std::string input(300'000, 'i');
  const ExecOutput counted =
      run(run_exec(engine_, id, {.command = {"/bin/busybox", "wc", "-c"}}, {.stdin_text = input}));
  EXPECT_EQ(counted.stdout_text, "300000\n");
  EXPECT_EQ(counted.exit_code, 0);

  const ExecOutput deaf =
      run(run_exec(engine_, id, {.command = {"/bin/busybox", "true"}}, {.stdin_text = input}));
  EXPECT_EQ(deaf.exit_code, 0);

  const ExecOutput absent = run(run_exec(engine_, id, {.command = {"/bin/absent"}}));
  EXPECT_TRUE(absent.exit_code == 126 || absent.exit_code == 127) << absent.exit_code;

  const ExecOutput tty =
      run(run_exec(engine_, id, {.command = {"/bin/sh", "-c", "echo x >&2"}, .tty = true}));
  EXPECT_EQ(tty.stdout_text, "x\r\n");

  EXPECT_EQ(expect_error([&] { run(start_exec(engine_, ExecId(std::string(64, 'a')))); }).kind(),
            ErrorKind::not_found);
  run(stop_container(engine_, id, std::chrono::seconds{0}));
  EXPECT_EQ(expect_error([&] { run(create_exec(engine_, id, {.command = {"true"}})); }).kind(),
            ErrorKind::conflict);
}

TEST_F(RealExecTest, a_container_is_run_to_its_end_and_leaves_nothing) {
  const ImageId image = build_busybox();
  const RunOutput output =
      run(run_container(engine_, shell(image, "cat; echo done >&2; exit 3"), {.stdin_text = "from stdin"}));
  EXPECT_EQ(output.stdout_text, "from stdin");
  EXPECT_EQ(output.stderr_text, "done\n");
  EXPECT_EQ(output.exit_code, 3);
  EXPECT_TRUE(run(list_containers(engine_, {label_})).empty());

  ContainerSpec broken = shell(image, "");
  broken.command = {"/bin/absent"};
  EXPECT_EQ(expect_error([&] { run(run_container(engine_, broken)); }).kind(), ErrorKind::bad_request);
  EXPECT_TRUE(run(list_containers(engine_, {label_})).empty()) << "also after a failure";
}

TEST_F(RealExecTest, a_container_gets_what_its_host_settings_say) {
  const ImageId image = build_busybox();
  ContainerSpec spec =
      shell(image,
            "ulimit -n; ulimit -Hn; cat /proc/sys/net/ipv4/ip_default_ttl; cat "
            "/proc/sys/kernel/shmmni; df -k /t /m /dev/shm | awk 'NR > 1 {print $2}'; stat -c %a /m; "
            "id -G; ls /dev/renamed; cat /etc/resolv.conf | grep -v '^#' | sort; cat "
            "/proc/self/oom_score_adj; cat /proc/sys/kernel/domainname");
  spec.mounts = {{.type = Mount::Type::tmpfs, .target = "/m", .tmpfs_bytes = 131072, .tmpfs_mode = 0711}};
  spec.hostname = "box";
  spec.domain_name = "example.com";
  spec.host = {.devices = {{.host_path = "/dev/null", .container_path = "/dev/renamed", .permissions = "r"}},
               .ulimits = {{"nofile", 321, 654}},
               .sysctls = {{"net.ipv4.ip_default_ttl", "77"}, {"kernel.shmmni", "1234"}},
               .tmpfs = {{"/t", "size=262144"}},
               .dns_servers = {"192.0.2.53"},
               .dns_search = {"example.com"},
               .dns_options = {"ndots:3"},
               .group_add = {"4321"},
               .ipc_mode = "private",
               .shm_bytes = 524288,
               .oom_score_adjust = 250};
  const RunOutput output = run(run_container(engine_, spec));
  EXPECT_EQ(output.stdout_text,
            "321\n654\n77\n1234\n256\n128\n512\n711\n0 4321\n/dev/renamed\nnameserver 192.0.2.53\noptions "
            "ndots:3\nsearch example.com\n250\nexample.com\n")
      << output.stderr_text;
  spec.host = {.sysctls = {{"no.such", "1"}}};
  EXPECT_TRUE(expect_error([&] { run(run_container(engine_, spec)); }).http_status())
      << "the engine's own words";
  spec.host = {.network_mode = "none"};
  spec.command = {"/bin/busybox", "ls", "/sys/class/net"};
  EXPECT_EQ(run(run_container(engine_, spec)).stdout_text, "lo\n");
}

TEST_F(RealExecTest, a_log_is_pulled_piece_by_piece_and_ends_with_the_container) {
  const ImageId image = build_busybox();
  const ContainerId id = run(create_container(engine_, shell(image, "echo one; echo two >&2"))).id;
  run(start_container(engine_, id));
  const auto read = [&]() -> boost::asio::awaitable<std::pair<std::string, std::string>> {
    LogReader reader = co_await open_logs(engine_, id, {.follow = true});
    std::pair<std::string, std::string> texts;
    while (const auto piece = co_await reader.next()) {
      (piece->stream == LogStream::stderr_stream ? texts.second : texts.first) += piece->bytes;
    }
    co_return texts;
  };
  EXPECT_EQ(run(read()), (std::pair<std::string, std::string>("one\n", "two\n")));
}

}  // namespace
}  // namespace halcyon::docker_api

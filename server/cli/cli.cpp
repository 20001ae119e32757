#include "server/cli/cli.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <ostream>
#include <string_view>

#include "engine/base/log.h"
#include "engine/base/version.h"
#include "engine/work/worker_main.h"
#include "hw/child_answer.h"
#include "hw/driver_probe.h"
#include "server/cli/config_file.h"
#include "server/cli/exit_code.h"
#include "server/cli/jobs.h"
#include "server/cli/look.h"
#include "server/cli/probe_gpus.h"
#include "server/cli/replay.h"
#include "server/cli/store_commands.h"
#include "server/cli/transcode.h"
#include "server/daemon/daemon.h"
#include "server/http/target.h"

namespace millrace::server {
namespace {

using engine::Code;
using engine::Status;

constexpr const char* kExitCodes =
    "Exit codes: 0 done; 1 the job failed; 2 wrong usage; 3 source unreadable or refused; 4 cancelled; "
    "5 no capacity or device.";

// All commands and the values of their flags.
class CommandLine {
 public:
  CommandLine(const std::filesystem::path& program, Console& console) : program_(program), console_(console) {
    app_.set_version_flag("--version", fmt::format("millrace {}", engine::version()));
    app_.require_subcommand(1);
    app_.footer(kExitCodes);
    set_from_environment("MILLRACE_SERVER", server_.server);
    set_from_environment("MILLRACE_TOKEN", server_.token);
    add_serve();
    add_transcode();
    add_replay();
    add_looks();
    add_jobs();
    add_store();
    CLI::App* worker = app_.add_subcommand("worker")->group("");
    worker->add_option("--fd", worker_fd_)->required();
    worker->add_option("--allow-source", daemon_.allowed_sources);
    worker->final_callback(
        [this] { run_ = [this] { return engine::run_worker(worker_fd_, daemon_.allowed_sources); }; });
    CLI::App* probe_gpus = app_.add_subcommand("probe-gpus")->group("");
    probe_gpus->add_option("KIND", gpu_kind_)
        ->required()
        ->check(CLI::IsMember({std::string(hw::kNvidiaKind), std::string(hw::kVaapiKind)}));
    probe_gpus->add_option("--fd", answer_fd_)->capture_default_str();
    probe_gpus->final_callback([this] { run_ = [this] { return run_probe_gpus(gpu_kind_, answer_fd_); }; });
  }

  int run(std::vector<std::string> arguments) {
    // Known before anything can go wrong: a refused flag is told in JSON too.
    console_.json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes a vector
    try {
      app_.parse(arguments);
    } catch (const CLI::ParseError& error) {  // CLI11's only way to say it
      if (error.get_exit_code() == 0) return app_.exit(error, console_.out, console_.err);
      return fail(console_, Status(Code::invalid_argument, sentence_of(error)), kWrongUsage);
    }
    const int code = run_();
    if (console_.out.flush()) return code;
    console_.json = false;  // its document would go the same way
    return fail(console_,
                Status(Code::io_error, "standard output cannot be written: what it was to say is lost"),
                code == kDone ? kJobFailed : code);
  }

 private:
  // Not CLI11's envname(): its subcommands share their variables, and those that were not asked for read the
  // environment too, after the flags of the one that was.
  static void set_from_environment(const char* name, std::string& value) {
    if (const char* set = std::getenv(name); set != nullptr && *set != '\0') value = set;
  }

  std::string sentence_of(const CLI::ParseError& error) const {
    const CLI::App* command = &app_;
    while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
    const std::vector<std::string> unknown = command->remaining();
    if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && !unknown.empty()) {
      std::vector<std::string> names;
      for (const CLI::App* each : command->get_subcommands([](const CLI::App*) { return true; }))
        if (!each->get_group().empty()) names.push_back(each->get_name());
      if (!names.empty())
        return fmt::format("'{}' is no command of {}; there are {}", unknown.front(), name_of(*command),
                           fmt::join(names, ", "));
    }
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !unknown.empty())
      return fmt::format("{}: not known to {}; see its --help", fmt::join(unknown, " "), name_of(*command));
    std::string text = error.what();
    std::replace(text.begin(), text.end(), '\n', ' ');
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text + "; see millrace --help";
  }

  // "millrace jobs"
  static std::string name_of(const CLI::App& command) {
    const CLI::App* parent = command.get_parent();
    return parent == nullptr ? command.get_name() : name_of(*parent) + " " + command.get_name();
  }

  CLI::App* add(CLI::App& parent, const char* name, const char* help, std::function<int()> run,
                bool json = true) {
    CLI::App* command = parent.add_subcommand(name, help);
    command->final_callback([this, run = std::move(run)] { run_ = run; });
    if (json)
      command->add_flag("--json", console_.json, "one JSON document on standard output, nothing else");
    return command;
  }

  void add_serve() {
    serve_ = add(
        app_, "serve", "the appliance: HTTP in, jobs kept in a store", [this] { return serve(); }, false);
    CLI::App* serve = serve_;
    serve->add_option(
        "--config", config_,
        "a file with flags of serve that the command line leaves out: a line each, listen = 0.0.0.0:8080");
    serve->add_option("--listen", daemon_.listen, "address and port")->capture_default_str();
    serve->add_option("--data", daemon_.data, "where jobs and their files are kept")->capture_default_str();
    serve->add_option("--media-root", daemon_.media_roots, "file: inputs must lie in one of these folders");
    serve->add_option(
        "--allow-source", daemon_.allowed_sources,
        "a host, address or network that http inputs may be read from although it is not public: "
        "nas.example, 192.168.1.5, 10.0.0.0/8");
    serve->add_flag("--no-auth", daemon_.no_auth, "no tokens; only on a loopback address");
    serve->add_option("--max-running-jobs", daemon_.max_running_jobs, "jobs at a time")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    serve
        ->add_option(
            "--patience", daemon_.patience,
            "seconds; a worker that gets nothing done for so long, longer for large pictures and slow "
            "presets, is replaced")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    serve
        ->add_option(
            "--keep-free", daemon_.keep_free_megabytes,
            "megabytes of the data folder's disk that jobs leave free; they wait rather than use them "
            "(default: 1/16 of the disk, at most 64 MiB)")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000'000}));
    serve
        ->add_option("--calibrate-after", daemon_.calibrate_after,
                     "seconds without work after which this machine's speed is measured, once; -1: never")
        ->check(CLI::Range(-1, 86'400))
        ->capture_default_str();
    serve->add_option("--cores", daemon_.cores, "CPU cores for jobs; 0: what the machine gives")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
  }

  int serve() {
    if (Status s = read_config(*serve_, config_); !s.ok()) return fail(console_, s, kWrongUsage);
    engine::init_log("daemon");
    daemon_.program = program_;
    return run_daemon(daemon_);
  }

  void add_transcode() {
    CLI::App* transcode = add(app_, "transcode", "one job from start to end, without a server", [this] {
      if (!transcode_.verbose) spdlog::set_level(spdlog::level::critical);
      transcode_.program = program_;
      return run_transcode(transcode_, console_);
    });
    transcode_.spec.add_to(*transcode);
    transcode
        ->add_option("-o,--output", transcode_.output, "the folder to write to; must be empty or not exist")
        ->required();
    transcode->add_flag("--verbose", transcode_.verbose, "show the log");
  }

  void add_replay() {
    CLI::App* replay = add(app_, "replay", "a failed job once more, from its failure bundle", [this] {
      if (!replay_.verbose) spdlog::set_level(spdlog::level::critical);
      replay_.program = program_;
      return run_replay(replay_, console_);
    });
    replay->add_option("BUNDLE", replay_.bundle, "DATA/jobs/ID/bundle.json of a server")->required();
    replay->add_option("--source", replay_.source, "a source instead of the bundle's: a file or a URL");
    replay->add_option("--shrink", replay_.shrink,
                       "write a bundle there with as little of the source as still fails in the same way");
    replay->add_flag("--verbose", replay_.verbose, "show the log");
  }

  void add_looks() {
    const auto quiet = [](auto run) {
      spdlog::set_level(spdlog::level::critical);
      return run();
    };
    CLI::App* inspect = add(app_, "inspect", "what a source is", [this, quiet] {
      return quiet([this] { return run_inspect(inspect_, program_, console_); });
    });
    auto* source = inspect->add_option_group("source")->require_option(1);
    source->add_option("SOURCE", inspect_.source, "a file or a URL");
    source->add_option("--spec", inspect_.spec,
                       "a job's spec as JSON, whose input is looked at; - for standard input");
    inspect
        ->add_option("--on-damage", inspect_.on_damage,
                     "accept: a damaged source is described too, with what is wrong")
        ->check(CLI::IsMember({"refuse", "accept"}));
    explain_.add_to(*add(app_, "explain", "the plan of a job, not run", [this, quiet] {
      return quiet([this] { return run_explain(explain_, program_, console_); });
    }));
    add(app_, "probe", "this machine: CPU, GPUs, what is missing, how many streams it carries",
        [this, quiet] { return quiet([this] { return run_probe(calibrate_, program_, console_); }); })
        ->add_flag("--calibrate", calibrate_,
                   "measure how fast this machine is, some twenty CPU seconds, and try its devices");
    CLI::App* verify = add(app_, "verify", "checks a finished output against its receipt", [this, quiet] {
      return quiet([this] { return run_verify(folder_, deep_, console_); });
    });
    verify->add_option("DIR", folder_, "the output's folder")->required();
    verify->add_flag("--deep", deep_, "decode every segment again");
  }

  void add_jobs() {
    CLI::App* jobs = app_.add_subcommand("jobs", "the jobs of a running server");
    jobs->require_subcommand(1);
    const auto remote = [this, jobs](const char* name, const char* help, std::function<int()> run) {
      CLI::App* command = add(*jobs, name, help, std::move(run));
      command->add_option("--server", server_.server, "the server's address; MILLRACE_SERVER without it")
          ->capture_default_str();
      command->add_option("--token", server_.token,
                          "for its Authorization header; MILLRACE_TOKEN without it");
      return command;
    };
    CLI::App* submit =
        remote("submit", "a new job", [this] { return submit_job(server_, submit_, console_); });
    submit_.spec.add_to(*submit);
    submit->add_option("--idempotency-key", submit_.idempotency_key, "the same key gives the same job");
    submit->add_flag("--dry-run", submit_.dry_run, "print the plan, make no job");
    submit->add_flag("--watch", submit_.watch, "wait for its end");
    CLI::App* list = remote("list", "newest first", [this] { return list_jobs(server_, list_, console_); });
    list->add_option("--state", list_.state, "queued, running, paused, completed, failed or cancelled");
    list->add_option("--tag", list_.tag, "KEY=VALUE");
    list->add_option("--limit", list_.limit, "how many")->check(CLI::Range(1, 500))->capture_default_str();
    list->add_option("--cursor", list_.cursor, "go on where a list before ended");
    remote("show", "one job", [this] { return show_job(server_, ids_.front(), console_); })
        ->add_option("ID", ids_, "the job")
        ->required()
        ->expected(1);
    remote("watch", "one job, until its end", [this] { return watch_job(server_, ids_.front(), console_); })
        ->add_option("ID", ids_, "the job")
        ->required()
        ->expected(1);
    for (const char* action : {"cancel", "retry", "pause", "resume"}) {
      CLI::App* command = remote(action, "jobs by their ids", [this, action] {
        return change_jobs(server_, output_action(action), ids_, console_);
      });
      command->add_option("ID", ids_, "the jobs")->required();
      if (std::string_view(action) == "cancel")
        command->add_option("--output", output_, "cancel this output alone, by its name; the others go on");
    }
  }

  void add_store() {
    CLI::App* store = app_.add_subcommand("store", "the store in a data folder that no daemon holds");
    store->require_subcommand(1);
    const auto part = [this, store](const char* name, const char* help,
                                    int (*run)(const StoreFlags&, Console&)) {
      CLI::App* command = add(*store, name, help, [this, run] {
        spdlog::set_level(spdlog::level::critical);
        return run(store_of_, console_);
      });
      command->add_option("--data", store_of_.data, "the daemon's data folder")->capture_default_str();
      return command;
    };
    part("check", "whether everything in it fits together", run_store_check)
        ->add_flag("--repair", store_of_.repair, "mend lists, take out what belongs to no job");
    part("compact", "write its files anew, without what was erased", run_store_compact);
    CLI::App* backup = part("backup", "add a copy of it to a backup folder", run_store_backup);
    backup->add_option("TO", store_of_.backups, "the backup folder; made if need be")->required();
    backup->add_option("--keep", store_of_.keep, "copies that stay, the newest; 0: all")
        ->check(CLI::Range(0, 1'000'000))
        ->capture_default_str();
    CLI::App* restore =
        part("restore", "put a copy in its place; the old store is kept beside it", run_store_restore);
    restore->add_option("FROM", store_of_.backups, "the backup folder")->required();
    restore->add_option("--backup", store_of_.number, "which one; 0: the newest")->capture_default_str();
    restore->add_flag("--list", store_of_.list, "say which there are, and change nothing");
  }

  // Below the path of a job.
  std::string output_action(const std::string& action) const {
    return output_.empty() ? action : "outputs/" + percent_encoded(output_) + "/" + action;
  }

  const std::filesystem::path& program_;
  Console& console_;
  CLI::App app_{"Millrace: a video in, a ladder ready to stream out.", "millrace"};
  std::function<int()> run_;
  CLI::App* serve_ = nullptr;
  std::string config_;
  DaemonOptions daemon_;
  std::string gpu_kind_;
  int answer_fd_ = hw::kAnswerDescriptor;
  TranscodeOptions transcode_;
  ReplayOptions replay_;
  SpecFlags inspect_;
  SpecFlags explain_;
  std::filesystem::path folder_;
  bool deep_ = false;
  bool calibrate_ = false;
  ServerFlags server_;
  SubmitOptions submit_;
  ListOptions list_;
  StoreFlags store_of_;
  std::vector<std::string> ids_;
  std::string output_;
  int worker_fd_ = -1;
};

}  // namespace

int run_command_line(const std::vector<std::string>& arguments, const std::filesystem::path& program,
                     Console& console) {
  return CommandLine(program, console).run(arguments);
}

}  // namespace millrace::server

// SPDX-License-Identifier: MIT
export module forksafe.page:status;

import :allow;
import forksafe;
import forksafe.std;

export namespace forksafe {

/// Serves the page at the path of the setting `page.path`, before the application's own handler is asked; without the
/// setting it lets every request pass.
///
/// `page.allow` lists the peers that may see it: `loopback` (the default), `any`, or a list of addresses and networks. All
/// others get 403. Only the address that the container itself tells counts, never a header. Unless the setting is `any`, the
/// host that is asked for must be an address, `localhost`, or a name that `page.host` lists. Answers GET and HEAD, by
/// `?format=` (html, json, metrics) or else by Accept; `?span=` chooses how many seconds the timeline shows, or `all`; `?all`
/// shows every row, however many there are. Values that it does not know get 400, and the document says which other parameter
/// it has ignored.
class StatusPage {
 public:
  static constexpr bool thread_safe = true;

  explicit StatusPage(Application& application) noexcept : application_(application) {}

  /// Reads the settings. Throws SettingsError, so that a server whose page would not be what was meant does not start.
  void load(Application& application);
  [[nodiscard]] std::optional<Response> intercept(Request const& request);

 private:
  [[nodiscard]] Response answer(Request const& request);

  Application& application_;
  std::string path_{};
  AllowedPeers allowed_{};
  /// One page is made at a time.
  std::mutex making_{};
};

}  // namespace forksafe

// SPDX-License-Identifier: MIT
// Compiles: a unit uses the operators of the standard library, which it includes, and what forksafe hands out. The build
// compiles it once more with the imports above the includes.
#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <ranges>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <variant>
#include <vector>
import forksafe;
import forksafe.page;
import forksafe.policy;

namespace with_includes {

template <class Value>
struct Own {
  Value value{};
  friend bool operator==(Own const&, Own const&) = default;
  friend Own operator+(Own left, Own const& right) {
    left.value += right.value;
    return left;
  }
};

template <class... Values>
bool all_equal(Values const&... values) {
  return ((values == Values{}) && ...);
}

inline bool use_operators(forksafe::DebugObject const& debug, forksafe::Response const& answer) {
  using namespace std::literals;
  auto const began = std::chrono::steady_clock::now();
  auto const took = std::chrono::steady_clock::now() - began + 5ms;
  std::vector<std::string> texts{debug.status + "x", "x" + answer.body, "x"s};
  texts.erase(std::ranges::remove_if(texts, [](auto const& text) { return text == "x" || text < "y"s; }).begin(), texts.end());
  bool used = took < 2s && took == 3ns && took * 2 / 3 > took % 7 && std::chrono::year{2000} == std::chrono::year{2000};
  for (auto const text : texts | std::views::transform([](auto const& each) { return std::string_view{each}; }))
    used = used || text == "q"sv;
  return used &&
         all_equal(Own<int>{} + Own<int>{}, Own<std::string>{}, std::mt19937{}, std::uniform_int_distribution<>{},
                   std::map<std::string, int>{}, std::tuple<int, std::string>{}, std::optional<int>{},
                   std::variant<int, std::string>{}, std::shared_ptr<int>{}, std::thread::id{}, texts, debug.status) &&
         std::function<void()>{} == nullptr && std::pair{1, 2} < std::pair{1, 3};
}

}  // namespace with_includes

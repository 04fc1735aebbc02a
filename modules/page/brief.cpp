// SPDX-License-Identifier: MIT
module forksafe.page;

import forksafe.std.operators;

namespace forksafe {

using namespace described;

namespace {

/// A list, taken apart: its elements, the order in which they are wanted, and their sizes in that order.
struct Cut {
  std::string name;
  List* list;
  List elements;
  std::vector<std::size_t> order;
  std::vector<std::size_t> sizes{};
};

/// Returns what JSON makes of the table.
List to_list(Table& table) {
  List list;
  for (std::vector<Value>& row : table.rows) {
    Fields fields;
    for (std::size_t column = 0; column != row.size(); ++column)
      fields.push_back({table.columns[column], std::move(row[column])});
    list.push_back({std::move(fields)});
  }
  return list;
}

void add_cuts(std::vector<Cut>& cuts, Fields& fields, std::string const& prefix, DebugObject const& debug,
              PageContext const& context) {
  for (Field& field : fields) {
    std::string name = prefix + std::string{field.name};
    if (auto* const inner = std::get_if<Fields>(&field.value.is)) add_cuts(cuts, *inner, name + ".", debug, context);
    if (auto* const table = std::get_if<Table>(&field.value.is)) field.value = {to_list(*table)};
    if (auto* const list = std::get_if<List>(&field.value.is)) {
      std::vector<std::size_t> order = order_of_rows(name, list->size(), debug, context);
      cuts.push_back({std::move(name), list, std::exchange(*list, {}), std::move(order)});
    }
  }
}

/// Returns the element's size with the comma after it.
std::size_t size_of(Value& element) {
  Fields fields;
  fields.push_back({"", std::move(element)});
  std::size_t const around = std::string_view{"{\"\":}"}.size();
  std::size_t const size = to_json(fields).size() - around + 1;
  element = std::move(fields.front().value);
  return size;
}

/// Puts back the first of its elements that fit; returns how many do not.
std::uint64_t put_back(Cut& cut, std::size_t room) {
  std::size_t kept = 0;
  while (kept != cut.order.size() && cut.sizes[kept] <= room) room -= cut.sizes[kept++];
  std::uint64_t const left_out = cut.order.size() - kept;
  cut.order.resize(kept);
  std::ranges::sort(cut.order);
  for (std::size_t const place : cut.order) cut.list->push_back(std::move(cut.elements[place]));
  return left_out;
}

/// The note about what is left out is not longer than this.
constexpr std::size_t note_size = 1'000;

}  // namespace

std::string to_brief_json(DebugObject const& debug, PageContext const& context, std::size_t limit) {
  Fields fields = published(debug);
  std::vector<Cut> cuts;
  add_cuts(cuts, fields, {}, debug, context);
  std::size_t const fixed = to_json(fields).size() + note_size;
  std::vector<Need> needs;
  for (Cut& cut : cuts) {
    std::size_t size = 0;
    for (std::size_t const place : cut.order) size += cut.sizes.emplace_back(size_of(cut.elements[place]));
    needs.push_back({size, 1});
  }
  std::vector<std::size_t> const shares = divide(needs, limit - std::min(limit, fixed));
  Table left_out{{"table", "rows"}, {}};
  for (std::size_t index = 0; index != cuts.size(); ++index)
    if (std::uint64_t const rows = put_back(cuts[index], shares[index]); rows != 0)
      left_out.rows.push_back({{std::string_view{cuts[index].name}}, {rows}});
  fields.push_back({"left_out", {std::move(left_out)}});
  return to_json(fields);
}

}  // namespace forksafe

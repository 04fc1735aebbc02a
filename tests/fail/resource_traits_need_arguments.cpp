// SPDX-License-Identifier: MIT
// expect: give the traits a constructor from nothing or from forksafe::Registry&
import forksafe;
import forksafe.resource;
import forksafe.standalone;

struct Engine {
  explicit Engine(int) {}
  void reseed() {}
};

int main() { static_cast<void>(new forksafe::ForkSafeApp<forksafe::StandalonePolicy, forksafe::Reseed<Engine>>{"shop"}); }

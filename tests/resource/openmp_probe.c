// SPDX-License-Identifier: MIT
/* One parallel region; the sum over four threads is 10. */
int parallel_sum(void) {
  int sum = 0;
#pragma omp parallel for num_threads(4) reduction(+ : sum)
  for (int number = 1; number <= 4; ++number) sum += number;
  return sum;
}

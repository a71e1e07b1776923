// Dropout by Philox 4x32-10 (Salmon et al., SC 2011): y[i] = kept(i) ? x[i] / keep : 0.
//
//   kept    word i % 4 of the block with counter (i / 4, call, low step, high step) and key (low seed, high seed), its upper
//           24 bits at least threshold. The step is read from device memory, so that a recorded step draws anew.
//   layout  dense float32; y may be x.
//   method  a thread computes one block for four elements: 20 multiplications of 32 by 32 bits to 64, twice 16 bytes.
//   bound   bytes: 8 an element, 8192 x 256: 3.5 us at 4.8 TB/s; some 25 integer instructions an element take 2 us.
//   tried   this version alone. Predicted 70 % of the bound. Not yet measured on a GPU.
#include "vectors.cuh"

constexpr int THREADS = 256;
constexpr int ROUNDS = 10;

extern "C" __global__ void __launch_bounds__(THREADS) dropout(
    const float* x, float* y, int count, float keep, int threshold, int seed_low, int seed_high, int call,
    const unsigned* __restrict__ step) {
  const bool aligned = aligned16(x) && aligned16(y);
  const unsigned step_low = step[0];
  const unsigned step_high = step[1];
  for (unsigned i = first4(); i < static_cast<unsigned>(count); i += stride4()) {
    unsigned c0 = i / 4;
    unsigned c1 = static_cast<unsigned>(call);
    unsigned c2 = step_low;
    unsigned c3 = step_high;
    unsigned k0 = static_cast<unsigned>(seed_low);
    unsigned k1 = static_cast<unsigned>(seed_high);
#pragma unroll
    for (int round = 0; round < ROUNDS; round++) {
      const unsigned high0 = __umulhi(0xD2511F53u, c0);
      const unsigned low0 = 0xD2511F53u * c0;
      const unsigned high1 = __umulhi(0xCD9E8D57u, c2);
      const unsigned low1 = 0xCD9E8D57u * c2;
      c0 = high1 ^ c1 ^ k0;
      c2 = high0 ^ c3 ^ k1;
      c1 = low1;
      c3 = low0;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    const unsigned least = static_cast<unsigned>(threshold);
    const float4 v = load4(x, i, count, aligned);
    store4(y, i, count, aligned,
           make_float4(c0 >> 8 >= least ? v.x / keep : 0.0f, c1 >> 8 >= least ? v.y / keep : 0.0f,
                       c2 >> 8 >= least ? v.z / keep : 0.0f, c3 >> 8 >= least ? v.w / keep : 0.0f));
  }
}

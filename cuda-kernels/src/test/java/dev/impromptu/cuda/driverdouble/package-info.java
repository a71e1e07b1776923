/**
 * JUnit 5 support for tests on the driver double: a stand-in {@code libcuda.so.1} that runs CUDA
 * kernels on the CPU and notices what a chip would not. It needs JUnit and the JDK alone, no class
 * of the code under test, so that it serves whoever drives CUDA from Java.
 */
package dev.impromptu.cuda.driverdouble;

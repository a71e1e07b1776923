package dev.impromptu.benchmarks.work;

import dev.impromptu.music.model.LstmComposer;
import dev.impromptu.nn.WaveNet;
import dev.impromptu.tensor.Device;

/** What is to be done, whoever does it. */
public sealed interface Task {
  /** Numbers of tokens, as in the original project. */
  int VOCABULARY = 173;

  /** Tokens of a window. */
  int CONTEXT = 32;

  /** Two stacks of eight layers, 64 residual and 128 skip channels. */
  WaveNet.Sizes WAVENET = new WaveNet.Sizes(64, 64, 64, 128, 2, 2, 8);

  /**
   * Batches that training goes round in: were it one, it would be known by heart soon, and
   * gradients next to zero take some processors many times longer.
   */
  int BATCHES = 64;

  /** Adam's. */
  double LEARNING_RATE = 1e-4;

  /** Steps whose losses are compared before anything is timed. */
  int CHECKED_STEPS = 3;

  /** What is counted. */
  String unit();

  /** How many of those one run is. */
  double items();

  /**
   * Multiplications and additions in the products of one run; whatever else is done is left out.
   */
  double flops();

  /** Impromptu's way to do it. */
  OwnWork on(Device device);

  /**
   * Learning from windows of {@link #CONTEXT} tokens which token comes next.
   *
   * @param sizes of the network
   * @param batch windows in a step
   * @param update whether Adam's update belongs to it, or only forward, loss and backward
   */
  record LstmTraining(LstmComposer.Sizes sizes, int batch, boolean update) implements Task {
    @Override
    public String unit() {
      return "windows";
    }

    @Override
    public double items() {
      return batch;
    }

    @Override
    public double flops() {
      // Backward is two products for each of forward's.
      return 3.0 * batch * (CONTEXT * stepFlops(sizes) + headFlops(sizes));
    }

    @Override
    public OwnWork on(Device device) {
      return new LstmTrainingWork(device, this);
    }
  }

  /**
   * {@link #CONTEXT} notes, one after the other, from a network that remembers its state: the
   * likeliest each time.
   *
   * @param sizes of the network
   */
  record LstmGeneration(LstmComposer.Sizes sizes) implements Task {
    @Override
    public String unit() {
      return "notes";
    }

    @Override
    public double items() {
      return CONTEXT;
    }

    @Override
    public double flops() {
      return CONTEXT * (stepFlops(sizes) + headFlops(sizes));
    }

    @Override
    public OwnWork on(Device device) {
      return new LstmGenerationWork(device, this);
    }
  }

  /**
   * Learning at every time step of a sequence which token comes next, with Adam's update.
   *
   * @param batch sequences in a step
   * @param time tokens of a sequence
   */
  record WaveNetTraining(int batch, int time) implements Task {
    @Override
    public String unit() {
      return "time steps";
    }

    @Override
    public double items() {
      return (double) batch * time;
    }

    @Override
    public double flops() {
      return 3 * items() * waveNetFlops();
    }

    @Override
    public OwnWork on(Device device) {
      return new WaveNetTrainingWork(device, this);
    }
  }

  /**
   * Notes, one after the other, the likeliest each time.
   *
   * @param streamed whether the network remembers what it has seen; else each note is computed from
   *     the whole receptive field
   */
  record WaveNetGeneration(boolean streamed) implements Task {
    @Override
    public String unit() {
      return "notes";
    }

    @Override
    public double items() {
      return streamed ? CONTEXT : 1;
    }

    @Override
    public double flops() {
      return items() * (streamed ? 1 : WAVENET.receptiveField()) * waveNetFlops();
    }

    @Override
    public OwnWork on(Device device) {
      return new WaveNetGenerationWork(device, this);
    }
  }

  /** Of the whole WaveNet, forward, one time step of one sequence. */
  private static double waveNetFlops() {
    double layers = WAVENET.stacks() * WAVENET.layers();
    double layer =
        WAVENET.residual() * 2.0 * WAVENET.gate() * WAVENET.kernel()
            + WAVENET.gate() * (double) (WAVENET.skip() + WAVENET.residual());
    double head = WAVENET.skip() * (double) (WAVENET.skip() + VOCABULARY);
    return 2 * (WAVENET.in() * (double) WAVENET.residual() + layers * layer + head);
  }

  /**
   * The product of two square matrices: what a processor can do at most.
   *
   * @param size rows and columns
   */
  record Product(int size) implements Task {
    @Override
    public String unit() {
      return "products";
    }

    @Override
    public double items() {
      return 1;
    }

    @Override
    public double flops() {
      return 2.0 * size * size * size;
    }

    @Override
    public OwnWork on(Device device) {
      return new ProductWork(device, this);
    }
  }

  /** Of the LSTM stack, forward, one time step of one window. */
  private static double stepFlops(LstmComposer.Sizes sizes) {
    double first = sizes.embedding() + (double) sizes.hidden();
    double others = (sizes.layers() - 1) * 2.0 * sizes.hidden();
    return 2 * 4 * sizes.hidden() * (first + others);
  }

  /** Of the linear layers, forward, one window. */
  private static double headFlops(LstmComposer.Sizes sizes) {
    return 2.0 * sizes.head() * (sizes.hidden() + sizes.head() + sizes.vocabulary());
  }
}

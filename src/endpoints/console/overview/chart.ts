import type { TrafficCounts } from '../../../observe/traffic-history.ts';

/** Bars of counts over time, as SVG has them. */
export interface ChartView {
  /** For those who do not see it. */
  readonly label: string;
  /** What a bar counts. */
  readonly unit: string;
  /** What the highest bar can stand for. */
  readonly most: string;
  readonly width: number;
  readonly height: number;
  readonly bars: readonly { readonly title: string; readonly parts: readonly BarPart[] }[];
  /** Where lines go across. */
  readonly lines: readonly number[];
  /** From the first to the last. */
  readonly times: readonly string[];
}

interface BarPart {
  readonly kind: (typeof KINDS)[number];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** From the bottom to the top. */
const KINDS = ['found', 'missed', 'refused', 'failed'] as const;

const WIDTH = 960;
const HEIGHT = 160;
/** Of which parts of the whole the time is said. */
const TIMES = [0, 0.5, 1] as const;

interface ChartTexts {
  readonly label: string;
  readonly unit: string;
  readonly time: (at: number) => string;
  readonly count: (value: number) => string;
}

export function viewChart(
  periods: readonly { readonly from: number; readonly counts: TrafficCounts }[],
  { label, unit, time, count }: ChartTexts,
): ChartView {
  const sums = periods.map(({ counts }) => KINDS.reduce((sum, kind) => sum + counts[kind], 0));
  const most = roundUp(Math.max(0, ...sums));
  const step = WIDTH / Math.max(1, periods.length);
  const bars = periods.map(({ from, counts }, index) => {
    let y = HEIGHT;
    const parts = KINDS.flatMap((kind): readonly BarPart[] => {
      const height = (counts[kind] * HEIGHT) / most;
      if (height === 0) return [];
      y -= height;
      return [
        { kind, x: round(index * step + 1), y: round(y), width: round(step - 2), height: round(height) },
      ];
    });
    return { title: `${time(from)}: ${count(sums[index] ?? 0)}`, parts };
  });
  return {
    label,
    unit,
    most: count(most),
    width: WIDTH,
    height: HEIGHT,
    bars: bars.filter(({ parts }) => parts.length > 0),
    lines: [0, HEIGHT / 2, HEIGHT],
    times: TIMES.map((part) => time(periods[Math.round(part * (periods.length - 1))]?.from ?? 0)),
  };
}

/** 1, 2 or 5 times a power of ten. */
function roundUp(most: number): number {
  if (most <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5].map((times) => times * power).find((value) => value >= most) ?? 10 * power;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

import type { GrowthStep, ReportRow } from '../all/report.ts';

/** A group of bars with a title above it. */
interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

interface Bar {
  readonly label: string;
  readonly value: number;
  readonly text: string;
  /** A mark across the bar: what is asked. */
  readonly mark?: number;
}

const WIDTH = 800;
const LABELS = 255;
const TEXTS = 125;
const BAR = 20;
const TITLE = 34;
const MARGIN = 16;

/** Reads well on a light and on a dark page: the picture has no ground of its own. */
const STYLE = `
    text { font: 13px system-ui, sans-serif; fill: #24292f; }
    .title { font-weight: 600; font-size: 14px; }
    .bar { fill: #3b82c4; }
    .mark { stroke: #c2410c; stroke-width: 2.5; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .bar { fill: #58a6ff; }
      .mark { stroke: #ffa657; }
    }`;

/** The shares of the bare server and how a lookup's cost grows, as bars. */
export function drawChart(rows: readonly ReportRow[], growth: readonly GrowthStep[]): string {
  const panels = [sharePanel(rows), ...growthPanels(growth)].filter(({ bars }) => bars.length > 0);
  const drawn: string[] = [];
  let top = MARGIN;
  for (const panel of panels) {
    drawn.push(drawPanel(panel, top));
    top += TITLE + panel.bars.length * BAR + MARGIN;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" role="img" aria-label="What a lookup costs">
  <style>${STYLE}
  </style>
${drawn.join('\n')}
</svg>
`;
}

/** Rows whose figure is a share of something else's lookups. */
function sharePanel(rows: readonly ReportRow[]): Panel {
  const shares = rows.filter(({ what }) => what.includes(': lookups a second, of the bare'));
  return {
    title: "Lookups a second, as a share of the bare server's (the mark: asked)",
    bars: shares.map(({ what, asked, value }) => ({
      label: what.split(':')[0] ?? what,
      value: value.median,
      text: value.median.toFixed(2),
      mark: Number(/[\d.]+/.exec(asked)?.[0]),
    })),
  };
}

function growthPanels(growth: readonly GrowthStep[]): readonly Panel[] {
  const panel = (title: string, isOf: (series: string) => boolean, unit: string): Panel => ({
    title,
    bars: growth
      .filter(({ series }) => isOf(series))
      .map(({ series, step, perSecond, cpuMicroseconds }) => ({
        label: unit === 'leads' ? `${series}, ${step}` : step,
        value: perSecond,
        text: `${Math.round(perSecond).toLocaleString('en')}, ${cpuMicroseconds.toFixed(0)} us`,
      })),
  });
  const what = 'lookups a second, and CPU time of each';
  return [
    panel(`Leads: ${what}`, (series) => series === 'embedded' || series === 'MariaDB', 'leads'),
    panel(`Connections: ${what}`, (series) => series === 'connections', 'connections'),
    panel(`Workers: ${what}`, (series) => series === 'workers', 'workers'),
  ];
}

function drawPanel({ title, bars }: Panel, top: number): string {
  const full = Math.max(...bars.flatMap(({ value, mark = 0 }) => [value, mark]));
  const wide = WIDTH - LABELS - TEXTS - 2 * MARGIN;
  const widthOf = (value: number) => Number(((value / full) * wide).toFixed(1));
  const left = MARGIN + LABELS;
  const drawBar = ({ label, value, text, mark }: Bar, at: number) => {
    const y = top + TITLE + at * BAR;
    const middle = y + BAR / 2 + 3;
    const x = left + (mark === undefined ? 0 : widthOf(mark));
    return [
      `  <text x="${left - 10}" y="${middle}" text-anchor="end">${label}</text>`,
      `  <rect class="bar" x="${left}" y="${y + 2}" width="${widthOf(value)}" height="${BAR - 5}" rx="2"/>`,
      ...(mark === undefined
        ? []
        : [`  <line class="mark" x1="${x}" x2="${x}" y1="${y}" y2="${y + BAR - 1}"/>`]),
      `  <text x="${left + Math.max(widthOf(value), mark === undefined ? 0 : widthOf(mark)) + 8}" y="${middle}">${text}</text>`,
    ].join('\n');
  };
  return [`  <text class="title" x="${MARGIN}" y="${top + 18}">${title}</text>`, ...bars.map(drawBar)].join(
    '\n',
  );
}

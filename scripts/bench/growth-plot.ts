/** Time and memory per option over the number of needs, as an SVG: lines through the medians, a dot per town. */
import { COLORS, type Frame, legend, line, logScale, picture, type Scale, xAxis, yAxis } from './axes.ts'
import { type MedianTown, medians, type TownFigures } from './figures.ts'

const WIDTH = 860
const HEIGHT = 560
const TIME: Frame = { left: 64, right: WIDTH - 160, top: 40, bottom: 250 }
const MEMORY: Frame = { ...TIME, top: 310, bottom: 510 }

type Figure = 'microsPerOption' | 'cpuMicrosPerOption' | 'bytesPerOption'
interface Series {
  figure: Figure
  label: string
  color: string
}
const TIMES: Series[] = [
  { figure: 'microsPerOption', label: 'clock', color: COLORS[0]! },
  { figure: 'cpuMicrosPerOption', label: 'processors', color: COLORS[1]! },
]
const BYTES: Series[] = [{ figure: 'bytesPerOption', label: 'peak memory', color: COLORS[2]! }]

/** @returns the SVG as text; `towns` are at least one. */
export function growthPlot(towns: readonly TownFigures[]): string {
  const rows = medians(towns)
  const needs = rows.map((row) => row.needs)
  const x = logScale(needs, TIME.left, TIME.right)
  return picture(WIDTH, HEIGHT, 'Time and memory per option over the number of needs', [
    panel(TIME, 'Microseconds per option', TIMES, x, towns, rows),
    panel(MEMORY, 'Bytes per option, beyond an empty process', BYTES, x, towns, rows),
    `<text x="${(TIME.left + TIME.right) / 2}" y="${HEIGHT - 8}" text-anchor="middle">needs</text>`,
  ])
}

function panel(
  frame: Frame,
  title: string,
  series: readonly Series[],
  x: Scale,
  towns: readonly TownFigures[],
  rows: readonly MedianTown[],
): string {
  // Where a process took no more memory than an empty one, there is nothing to draw.
  const drawn = ({ figure }: Series, all: readonly Figures[]) => all.filter((row) => row[figure] > 0)
  const values = series.flatMap((one) => drawn(one, towns).map((town) => town[one.figure]))
  const y = logScale(values.length > 0 ? values : [1], frame.bottom, frame.top)
  const place = (row: Figures, figure: Figure) => [x.at(row.needs), y.at(row[figure])] as const
  return [
    `<text x="${frame.left}" y="${frame.top - 14}" font-weight="bold">${title}</text>`,
    xAxis(frame, x, (value) => value.toLocaleString('en')),
    yAxis(frame, y, (value) => value.toLocaleString('en')),
    ...series.flatMap((one) => [
      line(
        drawn(one, rows).map((row) => place(row, one.figure)),
        `stroke="${one.color}" stroke-width="2"`,
      ),
      ...drawn(one, towns).map((town) => dot(place(town, one.figure), one.color)),
    ]),
    legend(frame.right + 20, frame.top + 8, series),
  ].join('\n')
}

type Figures = Record<Figure | 'needs', number>

const dot = ([x, y]: readonly [number, number], color: string): string =>
  `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="${color}"/>`

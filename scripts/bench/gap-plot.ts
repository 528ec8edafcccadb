/** The gap over time as an SVG: a line per town, a color per size, logarithmic both ways. */
import { COLORS, type Frame, legend, line, logScale, picture, xAxis, yAxis } from './axes.ts'
import type { MeasuredTown } from './measured-town.ts'

const WIDTH = 860
const HEIGHT = 420
const FRAME: Frame = { left: 64, right: WIDTH - 160, top: 24, bottom: HEIGHT - 56 }

/** @returns the SVG as text; empty axes where no town was measured. */
export function gapPlot(towns: readonly Pick<MeasuredTown, 'needs' | 'trace'>[]): string {
  const lines = towns.map(({ needs, trace }) => ({
    needs,
    // Before the first assignment there is no gap, and one of 0 has no place on a logarithmic axis.
    points: trace.filter(({ seconds, gap }) => seconds > 0 && gap > 0 && gap < 1),
  }))
  const all = lines.flatMap(({ points }) => points)
  const x = logScale(all.length > 0 ? all.map(({ seconds }) => seconds) : [1], FRAME.left, FRAME.right)
  const y = logScale(all.length > 0 ? all.map(({ gap }) => gap) : [1], FRAME.bottom, FRAME.top)
  const sizes = [...new Set(towns.map(({ needs }) => needs))].sort((a, b) => a - b)
  const colorOf = (needs: number) => COLORS[sizes.indexOf(needs) % COLORS.length]!
  return picture(WIDTH, HEIGHT, 'Gap over time', [
    xAxis(FRAME, x, (value) => `${value} s`),
    yAxis(FRAME, y, (value) => `${Number((value * 100).toPrecision(3))} %`),
    ...lines.map(({ needs, points }) =>
      line(
        points.map(({ seconds, gap }) => [x.at(seconds), y.at(gap)]),
        `stroke="${colorOf(needs)}" stroke-width="1.5"`,
      ),
    ),
    legend(
      FRAME.right + 20,
      FRAME.top + 8,
      sizes.map((needs) => ({ label: `${needs.toLocaleString('en')} needs`, color: colorOf(needs) })),
    ),
    `<text x="${(FRAME.left + FRAME.right) / 2}" y="${HEIGHT - 12}" text-anchor="middle">time of the run; gap = (bound − value) / bound</text>`,
  ])
}

/** The gap over time as an SVG: one line per problem, logarithmic both ways. */

export interface Trace {
  label: string
  points: { seconds: number; gap: number }[]
}

const WIDTH = 760
const HEIGHT = 420
const MARGIN = 56
const COLORS = ['#1b6ca8', '#c8553d', '#3a7d44', '#7b4b94', '#b8860b']

/** @returns the SVG as text. */
export function gapPlot(traces: readonly Trace[]): string {
  const all = traces.flatMap(({ points }) => points).filter(({ seconds, gap }) => seconds > 0 && gap > 0)
  const x = scale(
    all.map(({ seconds }) => seconds),
    MARGIN,
    WIDTH - 20,
  )
  const y = scale(
    all.map(({ gap }) => gap),
    HEIGHT - MARGIN,
    24,
  )
  const lines = traces.map(({ label, points }, index) => {
    const color = COLORS[index % COLORS.length]
    const path = points
      .filter(({ seconds, gap }) => seconds > 0 && gap > 0)
      .map(
        ({ seconds, gap }, at) =>
          `${at === 0 ? 'M' : 'L'}${x.at(seconds).toFixed(1)} ${y.at(gap).toFixed(1)}`,
      )
      .join(' ')
    const legend = `<text x="${WIDTH - 24}" y="${36 + 18 * index}" text-anchor="end" fill="${color}">${label}</text>`
    return `<path d="${path}" fill="none" stroke="${color}" stroke-width="2"/>${legend}`
  })
  const grid = [
    ...x.decades.map(
      (value) =>
        `<path d="M${x.at(value)} 24V${HEIGHT - MARGIN}" stroke="#ddd"/><text x="${x.at(value)}" y="${HEIGHT - MARGIN + 18}" text-anchor="middle">${value} s</text>`,
    ),
    ...y.decades.map(
      (value) =>
        `<path d="M${MARGIN} ${y.at(value)}H${WIDTH - 20}" stroke="#ddd"/><text x="${MARGIN - 6}" y="${y.at(value) + 4}" text-anchor="end">${Number((value * 100).toPrecision(2))} %</text>`,
    ),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" role="img" aria-label="Gap over time">
<rect width="100%" height="100%" fill="#fff"/>
${[...grid, ...lines].join('\n')}
<text x="${WIDTH / 2}" y="${HEIGHT - 12}" text-anchor="middle">seconds</text>
</svg>
`
}

function scale(values: number[], from: number, to: number) {
  const low = Math.floor(Math.log10(Math.min(...values, 1)))
  const high = Math.ceil(Math.log10(Math.max(...values, 10 ** (low + 1))))
  const at = (value: number) => from + ((Math.log10(value) - low) / (high - low)) * (to - from)
  return { at, decades: Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step)) }
}

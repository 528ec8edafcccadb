/** Axes of a plot, as SVG text. */

/** The rectangle that the data is drawn in. */
export interface Frame {
  left: number
  right: number
  top: number
  bottom: number
}

/** Where a value stands on an axis, and which values get a line. */
export interface Scale {
  at(value: number): number
  ticks: number[]
}

export const COLORS = ['#1b6ca8', '#c8553d', '#3a7d44', '#7b4b94', '#b8860b', '#444']

/** Ticks that fit beside each other. */
const MOST_TICKS = 9

/** A logarithmic scale with ticks at 1, 2 and 5 times powers of ten, or at those alone; `values` are positive. */
export function logScale(values: readonly number[], from: number, to: number): Scale {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const fine = ticksAround(least, most, [1, 2, 5])
  const ticks = fine.length <= MOST_TICKS ? fine : ticksAround(least, most, [1])
  const [low, high] = [Math.log10(ticks[0]!), Math.log10(ticks.at(-1)!)]
  return { at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from), ticks }
}

/** The steps of every decade from the last one not above `least` to the first one after it that is not below `most`. */
function ticksAround(least: number, most: number, steps: readonly number[]): number[] {
  const first = Math.floor(Math.log10(least))
  const decades = Math.ceil(Math.log10(most)) - first + 2
  const all = Array.from({ length: decades }, (_, decade) =>
    steps.map((step) => Number(`${step}e${first + decade}`)),
  ).flat()
  const start = all.findLastIndex((tick) => tick <= least)
  return all.slice(start, all.findIndex((tick, place) => place > start && tick >= most) + 1)
}

/** Vertical lines, with labels below. */
export const xAxis = (
  { top, bottom }: Frame,
  { at, ticks }: Scale,
  label: (value: number) => string,
): string =>
  ticks
    .map((value) => {
      const x = at(value).toFixed(1)
      return `<path d="M${x} ${top}V${bottom}" stroke="#ddd"/><text x="${x}" y="${bottom + 18}" text-anchor="middle">${label(value)}</text>`
    })
    .join('\n')

/** Horizontal lines, with labels to the left. */
export const yAxis = (
  { left, right }: Frame,
  { at, ticks }: Scale,
  label: (value: number) => string,
): string =>
  ticks
    .map((value) => {
      const y = at(value)
      return `<path d="M${left} ${y.toFixed(1)}H${right}" stroke="#ddd"/><text x="${left - 6}" y="${(y + 4).toFixed(1)}" text-anchor="end">${label(value)}</text>`
    })
    .join('\n')

/** A line through points. */
export const line = (points: readonly (readonly [x: number, y: number])[], style: string): string =>
  `<path d="${points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')}" fill="none" ${style}/>`

/** The entries of a legend, from (x, y) down. */
export const legend = (x: number, y: number, entries: readonly { label: string; color: string }[]): string =>
  entries
    .map(({ label, color }, row) => {
      const middle = y + 18 * row
      return `<path d="M${x} ${middle}h18" stroke="${color}" stroke-width="2"/><text x="${x + 24}" y="${middle + 4}">${label}</text>`
    })
    .join('\n')

/** A whole picture. */
export const picture = (width: number, height: number, title: string, parts: readonly string[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img" aria-label="${title}">
<rect width="100%" height="100%" fill="#fff"/>
${parts.filter((part) => part !== '').join('\n')}
</svg>
`

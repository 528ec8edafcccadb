/**
 * Integer shares of an amount of minor currency units.
 */

/** `amount × basisPoints / 10000`, rounded half up: the fund's share, the resident pays the rest. */
export function shareOf(amount: number, basisPoints: number): number {
  const tenThousandths = amount * basisPoints + 5000
  // Exact as a remainder, where a quotient would be rounded; five times as fast as BigInt, and asked for every option.
  if (Math.abs(tenThousandths) < 2 ** 52) return (tenThousandths - (tenThousandths % 10_000)) / 10_000
  return Number((BigInt(amount) * BigInt(basisPoints) + 5000n) / 10000n)
}

/**
 * `numerator ÷ denominator` (at most 1) of every whole, as integers that add up to the rounded share of their sum: each gets its
 * floor, what is left over goes to the largest remainders (Hamilton's method), of equal ones to the first.
 */
export function apportion(wholes: readonly number[], numerator: number, denominator: number): number[] {
  const [n, d] = [BigInt(numerator), BigInt(denominator)]
  const exact = wholes.map((whole) => BigInt(whole) * n)
  const shares = exact.map((share) => share / d)
  const sum = exact.reduce((total, share) => total + share, 0n)
  const rounded = (2n * sum + d) / (2n * d)
  const over = Number(rounded - shares.reduce((total, share) => total + share, 0n))
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share % d }))
    .sort((a, b) => (a.remainder < b.remainder ? 1 : a.remainder > b.remainder ? -1 : a.index - b.index))
  for (const { index } of byRemainder.slice(0, over)) shares[index]! += 1n
  return shares.map(Number)
}

/** Minor units as people write them, for example `12,345.00 TWD` or, where a currency has none, `12,345 JPY`. */
export function formatMoney(minorUnits: number, currency: string): string {
  const digits = minorDigits(currency)
  const sign = minorUnits < 0 ? '-' : ''
  const amount = Math.abs(minorUnits)
  const whole = Math.trunc(amount / 10 ** digits).toLocaleString('en-US')
  if (digits === 0) return `${sign}${whole} ${currency}`
  return `${sign}${whole}.${String(amount % 10 ** digits).padStart(digits, '0')} ${currency}`
}

const digitsOf = new Map<string, number>()

/** How many decimals ISO 4217 gives the currency. Remembered: asking takes as long as a whole row of a catalog. */
export function minorDigits(currency: string): number {
  const known = digitsOf.get(currency)
  if (known !== undefined) return known
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  digitsOf.set(currency, digits)
  return digits
}

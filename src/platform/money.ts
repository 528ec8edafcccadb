/**
 * Integer shares of an amount of minor currency units.
 */

/** `amount × basisPoints / 10000`, rounded half up: the fund's share, the resident pays the rest. */
export function shareOf(amount: number, basisPoints: number): number {
  return Number((BigInt(amount) * BigInt(basisPoints) + 5000n) / 10000n)
}

/** Minor units as people write them, for example `12,345.00 TWD`. */
export function formatMoney(minorUnits: number, currency: string): string {
  const sign = minorUnits < 0 ? '-' : ''
  const whole = Math.trunc(Math.abs(minorUnits) / 100).toLocaleString('en-US')
  const cents = String(Math.abs(minorUnits) % 100).padStart(2, '0')
  return `${sign}${whole}.${cents} ${currency}`
}

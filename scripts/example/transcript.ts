/** What the example prints: numbered steps, each with who did what and what came back. Neither ids nor times are in it. */
import type { Schemas } from '../../openapi/client/client.ts'
import { formatMoney } from '../../src/platform/money.ts'

export interface Step {
  who: string
  what: string
  /** A line each. */
  came: string[]
}

export interface Transcript {
  tell(who: string, what: string, ...came: string[]): void
  readonly steps: readonly Step[]
}

/** @param isQuiet keeps the steps, but prints nothing. */
export function startTranscript(isQuiet: boolean): Transcript {
  const steps: Step[] = []
  return {
    steps,
    tell(who, what, ...came) {
      steps.push({ who, what, came })
      if (isQuiet) return
      const lines = came.map((line) => `      → ${line}`)
      console.log([`${String(steps.length).padStart(2)}. ${who}: ${what}`, ...lines].join('\n'))
    },
  }
}

/** @throws Error that names what was expected and is not so. */
export function expect(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`The journey went wrong: ${what}.`)
}

/**
 * The problem that a call must be refused with.
 * @throws Error where it is answered, or refused for another reason.
 */
export async function refusalOf(
  code: string,
  call: Promise<{ error?: unknown; response: Response }>,
): Promise<Schemas['Problem'] & Record<string, unknown>> {
  const { error, response } = await call
  const problem = error as (Schemas['Problem'] & Record<string, unknown>) | undefined
  expect(problem?.code === code, `${code} was expected, not ${response.status} ${JSON.stringify(problem)}`)
  return problem!
}

/**
 * Asks again until there is an answer.
 * @throws Error after a minute.
 */
export async function eventually<Found>(
  what: string,
  ask: () => Promise<Found | undefined> | Found | undefined,
): Promise<Found> {
  for (const until = Date.now() + 60_000; Date.now() < until; ) {
    const found = await ask()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`The journey went wrong: ${what} did not come.`)
}

/** Minor units as the deployment's currency is written. */
export function money(minorUnits: number): string {
  return formatMoney(minorUnits, 'TWD').replace(' TWD', '')
}

/** An option or a booking as its cost is told. */
export function costOf({
  price,
  subsidy,
  copayment,
}: Record<'price' | 'subsidy' | 'copayment', number>): string {
  return `${money(price)} = ${money(subsidy)} subsidy + ${money(copayment)} of one’s own`
}

/** The ETag that a version has, for If-Match. */
export function ifMatch({ version }: { version: number }) {
  return { 'if-match': `"${version}"` }
}

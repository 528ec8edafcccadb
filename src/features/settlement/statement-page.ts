/** A statement as a page: what is owed, for what, and the sums; of residents, nothing. */
import { type Html, html, type PageContent } from '../../platform/http/html-page.ts'
import { formatMoney } from '../../platform/money.ts'
import { localTime } from '../../platform/time-zone.ts'
import type { StatementRow } from './get-statement.ts'
import type { LineRow } from './list-statement-lines.ts'

export interface Printed {
  statement: StatementRow
  parties: { program: string; purchaser: string; provider: string }
  /** The first ones, where there are very many. */
  lines: readonly LineRow[]
  timeZone: string
}

export function statementPage({ statement, parties, lines, timeZone }: Printed): PageContent {
  const { period, currency, createdAt, id } = statement
  const facts: [string, string][] = [
    ['Program', parties.program],
    ['Purchaser', parties.purchaser],
    ['Provider', parties.provider],
    ['Month', period],
    ['Settled on', localTime(timeZone, createdAt).date],
    ['Currency', currency],
    ['Statement', id],
  ]
  const main = html`<dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
${summary(statement)}
${notice(statement, lines.length)}
${table(statement, lines)}`
  return { language: 'en', title: `Statement for ${period}`, main }
}

/** What is to be paid, in one sentence each. */
function summary({ price, subsidy, copayment, currency }: StatementRow): Html {
  const money = (amount: number) => formatMoney(Math.abs(amount), currency)
  const owed =
    price < 0
      ? html`<p><strong>The provider pays back ${money(price)}</strong>: more was taken back than was delivered.</p>`
      : html`<p><strong>The provider is owed ${money(price)}.</strong></p>`
  return html`${owed}
<p>Of this, the fund’s part is ${formatMoney(subsidy, currency)}, the residents’ part ${formatMoney(copayment, currency)}.</p>`
}

function notice({ lines }: StatementRow, shown: number): Html | string {
  if (shown >= lines) return ''
  const total = lines.toLocaleString('en-US')
  return html`<p role="note">These are the first ${shown.toLocaleString('en-US')} of ${total} lines; the sums are those of all. The file <a href="lines.csv">lines.csv</a> has every line.</p>`
}

const HEADS = ['Delivery', 'Match', 'Units', 'Price', 'Fund', 'Residents']

function table(statement: StatementRow, lines: readonly LineRow[]): Html {
  const { currency } = statement
  const money = ({ price, subsidy, copayment }: Pick<LineRow, 'price' | 'subsidy' | 'copayment'>) =>
    [price, subsidy, copayment].map((amount) => html`<td>${formatMoney(amount, currency)}</td>`)
  const rows = lines.map(
    (line) =>
      html`<tr><th scope="row">${line.kind === 'correction' ? 'Taken back: ' : ''}${line.deliveryId}</th><th>${line.matchId}</th><td>${line.units}</td>${money(line)}</tr>
`,
  )
  return html`<table><caption>Deliveries paid for, and those taken back</caption>
<thead><tr>${HEADS.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tfoot><tr><th scope="row" colspan="3">Sum of ${statement.lines.toLocaleString('en-US')} lines</th>${money(statement)}</tr></tfoot>
<tbody>${rows}</tbody></table>`
}

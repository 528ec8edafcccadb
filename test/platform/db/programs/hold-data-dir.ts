/** Opens an embedded database, says so, and keeps it until killed. */
import { sql } from 'drizzle-orm'
import { openEmbedded } from '../../../../src/platform/db/embedded.ts'

const db = await openEmbedded(process.argv[2] ?? '')
await db.root.execute(sql`create table if not exists kept (what text)`)
await db.root.execute(sql`insert into kept values ('written before the kill')`)
console.log('holding')
setInterval(() => {}, 1_000)

// Reads every Parquet file of a bank with hyparquet and compares it with what pyarrow read.
//
//   python tests/readers/expected.py BANK > expected.json
//   npm install hyparquet hyparquet-compressors      (in a folder of its own, this script copied beside)
//   node read.mjs BANK expected.json
import { readFileSync } from 'node:fs'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

const [bank, expectedFile] = process.argv.slice(2)
const expected = JSON.parse(readFileSync(expectedFile, 'utf8'))

const plain = value => {
  if (value === undefined || value === null) return null
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number') return Number.isNaN(value) ? null : value
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value, plain)
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]))
  return value
}
const text = value => JSON.stringify(value, (_, v) =>
  v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort()) : v)

let wrong = 0
for (const [path, rows] of Object.entries(expected)) {
  const file = await asyncBufferFromFile(`${bank}/${path}`)
  const found = plain(await parquetReadObjects({ file, compressors }))
  const equal = text(found) === text(rows)
  wrong += !equal
  console.log(`${equal ? 'equal' : 'DIFFERS'}  ${path}  ${found.length} rows`)
}
console.log(`${Object.keys(expected).length} files, ${wrong} differ`)
process.exit(wrong ? 1 : 0)

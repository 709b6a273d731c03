/** The closing line of continuous integration: how many tests of all suites ran, from the reports that they left. */
import { existsSync, readFileSync } from 'node:fs';

const report = 'build/vitest.json';
if (!existsSync(report)) {
  console.error(`${report} is missing: no test ran`);
  process.exit(1);
}
const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'));
console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
process.exit(numFailedTests > 0 || numPassedTests === 0 ? 1 : 0);

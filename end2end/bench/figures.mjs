// Figures, and the table that they are shown in.

/**
 * The value below which a share of the values lies (nearest rank).
 * @param {number[]} values
 * @param {number} share
 */
export function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/**
 * A line of the table: what, how much of what unit, and the most or the least that is wished for.
 * @typedef {{ what: string, value: number, unit: string, most?: number, least?: number }} Figure
 */

/**
 * @param {number} value
 * @param {string} unit
 */
function show(value, unit) {
  const digits = Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 1;
  const number = value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit ? `${number} ${unit}` : number;
}

/**
 * @param {string} title
 * @param {Figure[]} figures
 */
export function table(title, figures) {
  const width = Math.max(32, ...figures.map(({ what }) => what.length));
  const lines = figures.map(({ what, value, unit, most, least }) => {
    const met = (/** @type {boolean} */ is) => (is ? "met   " : "MISSED");
    let wish = "";
    if (most !== undefined) wish = `${met(value <= most)} ≤ ${show(most, unit)}`;
    if (least !== undefined) wish = `${met(value >= least)} ≥ ${show(least, unit)}`;
    return `  ${what.padEnd(width)}${show(value, unit).padStart(14)}   ${wish}`.trimEnd();
  });
  return [title, ...lines].join("\n");
}

// Draws the ten digits on the digit page in Chromium, as a person would, and checks what the page recognises. It is run
// by hand, from a folder where playwright-core is installed (npm install playwright-core):
//     node draw_digits.mjs INDEX_HTML SCREENSHOT_FOLDER
// The variable CHROMIUM names the browser, if it isn't /usr/bin/chromium.

import {createRequire} from "node:module";
import {mkdirSync} from "node:fs";
import path from "node:path";
import {pathToFileURL} from "node:url";

const {chromium} = createRequire(path.join(process.cwd(), "here.js"))("playwright-core");

const [page_file, screenshot_folder] = process.argv.slice(2);
if (!screenshot_folder) {
    console.error("usage: node draw_digits.mjs INDEX_HTML SCREENSHOT_FOLDER");
    process.exit(2);
}
const address = pathToFileURL(path.resolve(page_file)).href;
mkdirSync(screenshot_folder, {recursive: true});

// Each digit is a list of strokes; each stroke is a list of points, in fractions of
// the sheet's side, which a smooth curve connects.
const digits = [
    [[[.55, .22], [.42, .24], [.33, .38], [.31, .56], [.37, .72], [.50, .78], [.63, .70], [.69, .52], [.66, .34],
      [.56, .24], [.48, .23]]],
    [[[.42, .32], [.47, .27], [.53, .20], [.53, .36], [.52, .55], [.51, .80]]],
    [[[.34, .34], [.39, .24], [.52, .20], [.64, .28], [.63, .41], [.52, .56], [.40, .68], [.32, .78], [.46, .77],
      [.58, .78], [.70, .77]]],
    [[[.35, .26], [.48, .20], [.61, .25], [.62, .37], [.52, .46], [.45, .48], [.56, .49], [.66, .58], [.64, .72],
      [.50, .80], [.34, .75]]],
    [[[.42, .20], [.37, .34], [.31, .52], [.45, .53], [.58, .52], [.71, .52]],
     [[.60, .26], [.59, .45], [.58, .64], [.56, .82]]],
    [[[.40, .23], [.38, .35], [.36, .46], [.48, .42], [.61, .47], [.66, .60], [.59, .74], [.46, .79], [.33, .74]],
     [[.40, .23], [.52, .22], [.65, .21]]],
    [[[.60, .20], [.47, .30], [.37, .46], [.33, .63], [.40, .76], [.53, .78], [.63, .70], [.62, .58], [.52, .53],
      [.41, .57], [.35, .67]]],
    [[[.31, .25], [.44, .24], [.56, .24], [.68, .23]],
     [[.68, .23], [.60, .40], [.53, .58], [.47, .80]]],
    [[[.62, .28], [.52, .20], [.41, .25], [.40, .36], [.50, .46], [.61, .56], [.64, .69], [.54, .80], [.41, .77],
      [.37, .65], [.45, .53], [.56, .44], [.63, .34], [.61, .26]]],
    [[[.63, .32], [.52, .22], [.40, .29], [.38, .42], [.48, .50], [.59, .44], [.64, .31]],
     [[.64, .31], [.63, .48], [.60, .64], [.55, .80]]],
];

let state = 1;
/** Uneven numbers in [-1, 1), the same in each run. */
function uneven() {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
}

/** Points on a Catmull-Rom curve through `points`, close where the hand is slow: at both ends of it. */
function curve(points) {
    const at = (i) => points[Math.min(points.length - 1, Math.max(0, i))];
    const count = 6 * (points.length - 1);
    return Array.from({length: count + 1}, (_, k) => {
        const share = k / count;
        const place = (share + share * share * (3 - 2 * share)) / 2 * (points.length - 1);
        const i = Math.min(points.length - 2, Math.floor(place));
        const t = place - i;
        return [0, 1].map((axis) => {
            const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)].map((point) => point[axis]);
            const value = b + t * ((c - a) + t * ((2 * a - 5 * b + 4 * c - d) + t * (3 * b - a - 3 * c + d))) / 2;
            return value + 0.004 * uneven();
        });
    });
}

let failures = 0;
function check(good, what) {
    console.log(`${good ? "ok    " : "FAILED"} ${what}`);
    if (!good) ++failures;
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
           "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** A page of its own, which may ask for nothing but itself and must report no error. */
async function open(options = {}, prepare) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    page.on("request", (request) => {
        const url = request.url();
        if (url !== address && !url.startsWith("data:")) check(false, `a request was made: ${url}`);
    });
    page.on("pageerror", (error) => check(false, `the page's script failed: ${error.message}`));
    page.on("console", (message) => {
        if (message.type() === "error") check(false, `the page reports: ${message.text()}`);
    });
    if (prepare) await page.addInitScript(prepare);
    await page.goto(address);
    await page.locator("main:not([hidden]), #trouble:not([hidden])").waitFor();  // WebAssembly starts a little later
    return page;
}

const status = (page) => page.locator("#status").innerText();
const shoot = (page, name) => page.screenshot({path: path.join(screenshot_folder, `${name}.png`), fullPage: true});
const fits = (page) =>
    page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);

/** Where a share of the sheet's side is on the screen, after the digit was moved and scaled about the middle. */
async function placement(page, scale = 1) {
    await page.locator("#sheet").scrollIntoViewIfNeeded();
    const box = await page.locator("#sheet").boundingBox();
    const place = (share) => 0.5 + scale * (share - 0.5);
    return ([x, y]) => [box.x + box.width * place(x), box.y + box.height * place(y)];
}

async function draw_by_mouse(page, strokes, scale) {
    const on_screen = await placement(page, scale);
    for (const stroke of strokes) {
        const points = curve(stroke).map(on_screen);
        await page.mouse.move(...points[0]);
        await page.mouse.down();
        for (const point of points.slice(1)) {
            await page.mouse.move(...point);
            await pause(6 + 4 * uneven());
        }
        await page.mouse.up();
        await pause(40);
    }
}

async function draw_by_touch(page, strokes) {
    const on_screen = await placement(page);
    const client = await page.context().newCDPSession(page);
    const send = (type, points) =>
        client.send("Input.dispatchTouchEvent", {type, touchPoints: points.map(([x, y]) => ({x, y}))});
    for (const stroke of strokes) {
        const points = curve(stroke).map(on_screen);
        await send("touchStart", [points[0]]);
        for (const point of points.slice(1)) {
            await send("touchMove", [point]);
            await pause(6 + 4 * uneven());
        }
        await send("touchEnd", []);
        await pause(40);
    }
}

const article = (digit) => (digit === 8 ? "an" : "a");
const reads = (text, digit) => new RegExp(`^${article(digit)} ${digit}, \\d+\\s%`).test(text);
const prompt = "Draw a digit from 0 to 9.";

async function check_mouse() {
    const page = await open({viewport: {width: 1100, height: 860}});
    check((await status(page)) === prompt, "at first it says what to do");
    check((await page.locator("#probabilities td:last-child").allInnerTexts()).every((text) => text === "–"),
          "and guesses nothing");
    await shoot(page, "desktop-empty");

    const sizes = [[1, "of a comfortable size"], [1.35, "that fill the sheet"], [0.6, "that are small"]];
    for (const [scale, size] of sizes) {
        let read = 0;
        for (const [digit, strokes] of digits.entries()) {
            await draw_by_mouse(page, strokes, scale);
            const text = await status(page);
            const good = reads(text, digit);
            read += good;
            console.log(`       ${digit} is read as ${text}${good ? "" : "   <- wrong"}`);
            if (scale === 1) await shoot(page, `desktop-${digit}`);
            await page.locator("#clear").click();
        }
        check(read >= 9, `digits ${size}: ${read} of 10 are read`);
    }

    check((await status(page)) === prompt, "Clear brings back the start");
    await draw_by_mouse(page, digits[7]);
    const seven = await status(page);
    await draw_by_mouse(page, [[[.2, .2], [.8, .8]], [[.2, .8], [.8, .2]]]);
    const crossed = await status(page);
    await page.locator("#undo").click();
    await page.locator("#undo").click();
    check(crossed !== seven && (await status(page)) === seven, "Undo takes back a stroke");
    for (let i = 0; i < 3; ++i) await page.locator("#undo").click();
    check((await status(page)) === prompt, "Undo takes back all strokes, and no more");
    await page.context().close();
}

async function check_live() {
    const page = await open({viewport: {width: 1100, height: 860}});
    const on_screen = await placement(page);
    const points = curve(digits[3][0]).map(on_screen);
    await page.mouse.move(...points[0]);
    await page.mouse.down();
    for (const point of points) await page.mouse.move(...point);
    await page.waitForFunction(() => document.querySelector("#probabilities .best th")?.innerText === "3", null,
                               {timeout: 2000}).catch(() => {});
    const best = await page.locator("#probabilities .best th").allInnerTexts();
    check(best.join() === "3", "the bars move while one draws");
    check((await status(page)) === prompt, "and what is said waits for the stroke's end");
    await page.mouse.up();
    check(reads(await status(page), 3), "which then is said");
    await page.context().close();
}

async function check_keyboard() {
    const page = await open({viewport: {width: 1100, height: 860}});
    const press = async (key, count = 1) => {
        for (let i = 0; i < count; ++i) await page.keyboard.press(key);
    };
    await press("Tab");
    check(await page.evaluate(() => document.activeElement.id === "sheet"), "Tab reaches the drawing area first");
    await press("ArrowUp", 11);
    await press("Space");
    await press("ArrowDown", 22);
    await shoot(page, "keyboard-1");
    await press("Space");
    check(reads(await status(page), 1), "a 1 drawn by keys is read");
    await press("Delete");
    check((await status(page)) === prompt, "Delete clears");

    await press("ArrowUp", 22);
    await press("ArrowLeft", 6);
    await press("Enter");
    await press("ArrowRight", 14);
    await page.keyboard.down("ArrowLeft");  // moves once by itself
    for (let i = 0; i < 2; ++i) {
        await press("ArrowDown");
        await press("ArrowDown");
    }
    await page.keyboard.up("ArrowLeft");
    await press("ArrowDown", 16);
    await press("Enter");
    check(reads(await status(page), 7), "a 7 drawn by keys, two at once among them, is read");
    await shoot(page, "keyboard-7");
    await press("Enter");
    await press("ArrowRight", 3);
    await press("Enter");
    await press("Backspace");
    check(reads(await status(page), 7), "Backspace takes back a stroke");
    await press("Escape");
    check((await status(page)) === prompt, "Escape clears");
    await press("Tab");
    check(await page.evaluate(() => document.activeElement.id === "undo"), "Tab leaves the drawing area");
    await page.context().close();
}

async function check_touch() {
    const phone = {viewport: {width: 360, height: 740}, deviceScaleFactor: 3, hasTouch: true, isMobile: true};
    const page = await open(phone);
    await draw_by_touch(page, digits[5]);
    check(reads(await status(page), 5), "a 5 drawn by finger is read");
    check(await page.evaluate(() => scrollY === 0 && visualViewport.scale === 1), "drawing doesn't scroll the page");
    check(await fits(page), "nothing is wider than a phone");
    await shoot(page, "phone");
    await page.locator("#clear").tap();
    check((await status(page)) === prompt, "Clear works by finger");

    const on_screen = await placement(page);
    const [[x0, y0], [x1, y1], [x2, y2]] = [[.5, .2], [.5, .5], [.5, .8]].map(on_screen);
    const client = await page.context().newCDPSession(page);
    const touch = (type, ...touchPoints) => client.send("Input.dispatchTouchEvent", {type, touchPoints});
    const first = (x, y) => ({x, y, id: 1});
    const palm = {x: x0 + 120, y: y2, id: 2};
    await touch("touchStart", first(x0, y0));
    await touch("touchMove", first(x1, y1));
    await touch("touchCancel");
    check((await status(page)) === prompt, "what the system takes for a gesture is no stroke");
    await touch("touchStart", first(x0, y0));
    await touch("touchStart", first(x0, y0), palm);
    await touch("touchMove", first(x1, y1), palm);
    await touch("touchMove", first(x2, y2), palm);
    await touch("touchEnd");
    check(reads(await status(page), 1), "a second finger draws nothing");
    await page.context().close();

    const narrow = await open({...phone, viewport: {width: 320, height: 600}, deviceScaleFactor: 2});
    check(await fits(narrow), "nothing is wider than 320 pixels");
    await shoot(narrow, "narrow");
    await narrow.context().close();

    const lying = await open({...phone, viewport: {width: 740, height: 360}});
    await draw_by_touch(lying, digits[2]);
    check(reads(await status(lying), 2), "a phone that lies on its side reads a 2");
    await shoot(lying, "phone-lying");
    await lying.context().close();
}

async function check_dark() {
    const page = await open({viewport: {width: 1100, height: 860}, colorScheme: "dark", reducedMotion: "reduce"});
    await draw_by_mouse(page, digits[8]);
    check(reads(await status(page), 8), "an 8 is read in the dark");
    check(await page.evaluate(() => document.getAnimations().length === 0), "nothing is animated where that is asked");
    await shoot(page, "dark");
    await page.context().close();
}

async function check_without_webassembly() {
    const page = await open({viewport: {width: 1100, height: 860}}, () => delete globalThis.WebAssembly);
    check((await page.locator("#trouble").innerText()).includes("needs WebAssembly"), "without WebAssembly it says so");
    check(!(await page.locator("main").isVisible()), "and shows nothing that wouldn't work");
    await shoot(page, "without-webassembly");
    await page.context().close();
}

try {
    for (const part of [check_mouse, check_live, check_keyboard, check_touch, check_dark, check_without_webassembly]) {
        await part();
    }
} finally {
    await browser.close();
}
console.log(failures === 0 ? "all is well" : `${failures} checks failed`);
process.exit(failures === 0 ? 0 : 1);

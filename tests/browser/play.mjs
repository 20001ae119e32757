// Plays finished outputs to their end in headless Chromium and prints what was seen, one JSON document.
//
//   node play.mjs ROOT MANIFEST...
//
// ROOT is served on loopback; each MANIFEST is a path below it: .m3u8 is played with hls.js, .mpd with dash.js. Of an .mpd
// the renditions of one height alone are played where it stands after a # (manifest.mpd#180).
// {"abr/master.m3u8": {"duration", "ended", "width", "height", "buffered", "audioTracks", "textTracks", "errors", "times",
//                      "pictures"}, ...}
// buffered: the stretches of media that are held, [[from, to], ...] in seconds; holes are between them. pictures: the numbers
// that those on show carried, where the media is tests/support's make_sample's.
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join, normalize } from 'node:path';

import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
const players = {
  '/hls.js': require.resolve('hls.js/dist/hls.min.js'),
  '/dash.js': require.resolve('dashjs/dist/dash.all.min.js'),
};
const types = {
  '.m3u8': 'application/vnd.apple.mpegurl', '.mpd': 'application/dash+xml', '.mp4': 'video/mp4', '.m4s': 'video/iso.segment',
  '.vtt': 'text/vtt', '.html': 'text/html', '.js': 'text/javascript',
};
const page = `<!doctype html><title>player</title><video id="video" muted></video>
<script src="/hls.js"></script><script src="/dash.js"></script>
<script>
const bars = 8;
const canvas = new OffscreenCanvas(16 * bars, 16);
const pencil = canvas.getContext('2d', {willReadFrequently: true});
function numberOn(video) {
  pencil.drawImage(video, 0, 0, canvas.width, canvas.height);
  let number = 0;
  for (let bar = 0; bar < bars; ++bar) number |= (pencil.getImageData(16 * bar + 8, 8, 1, 1).data[0] > 125) << bar;
  return number;
}
window.play = (url, height) => {
  const video = document.getElementById('video');
  const seen = window.seen = {errors: [], times: [], ended: false, audioTracks: 0, textTracks: 0, pictures: []};
  const look = () => {
    seen.pictures.push(numberOn(video));
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  video.addEventListener('timeupdate', () => seen.times.push(video.currentTime));
  video.addEventListener('ended', () => { seen.ended = true; });
  video.addEventListener('error', () => seen.errors.push('video: ' + (video.error && video.error.message)));
  video.defaultPlaybackRate = video.playbackRate = 4;
  if (url.endsWith('.m3u8')) {
    const hls = new Hls();
    hls.on(Hls.Events.ERROR, (_, data) => { if (data.fatal) seen.errors.push('hls.js: ' + data.details); });
    hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, (_, data) => { seen.audioTracks = data.audioTracks.length; });
    hls.on(Hls.Events.SUBTITLE_TRACKS_UPDATED, (_, data) => { seen.textTracks = data.subtitleTracks.length; });
    hls.loadSource(url);
    hls.attachMedia(video);
    video.play().catch(error => seen.errors.push('play: ' + error.message));
  } else {
    const player = dashjs.MediaPlayer().create();
    player.on('error', event => seen.errors.push('dash.js: ' + JSON.stringify(event.error)));
    player.on('streamInitialized', () => {
      seen.audioTracks = player.getTracksFor('audio').length;
      seen.textTracks = player.getTracksFor('text').length;
    });
    // Where one track is still being appended when the other is whole, dash.js 4.7 does not tell the browser of the end.
    player.on('playbackEnded', event => { seen.ended ||= event.isLast; });
    if (height) player.registerCustomCapabilitiesFilter(({height: its}) => its === undefined || its === height);
    player.initialize(video, url, true);
  }
};
window.state = () => {
  const video = document.getElementById('video');
  const buffered = Array.from(video.buffered, (_, at) => [video.buffered.start(at), video.buffered.end(at)]);
  return {...window.seen, duration: video.duration, width: video.videoWidth, height: video.videoHeight, buffered};
};
</script>`;

function serve(root) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    if (path === '/page.html') {
      response.writeHead(200, { 'Content-Type': 'text/html' });
      response.end(page);
      return;
    }
    if (players[path]) {
      response.writeHead(200, { 'Content-Type': 'text/javascript' });
      response.end(readFileSync(players[path]));
      return;
    }
    const file = join(root, normalize(path));
    let size;
    try {
      size = statSync(file).size;
    } catch {
      response.writeHead(404);
      response.end();
      return;
    }
    response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream', 'Content-Length': size });
    createReadStream(file).pipe(response);
  });
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function watch(browser, origin, manifest) {
  const tab = await browser.newPage();
  const complaints = [];
  tab.on('pageerror', error => complaints.push(`page: ${error.message}`));
  await tab.goto(`${origin}/page.html`);
  const [path, height] = manifest.split('#');
  await tab.evaluate(([url, height]) => { window.play(url, height); }, [`/${path}`, height && Number(height)]);
  const over = () => { const now = window.state(); return now.ended || now.errors.length > 0; };
  await tab.waitForFunction(over, undefined, { timeout: 120_000 }).catch(() => complaints.push('it did not come to its end'));
  const state = await tab.evaluate(() => window.state());
  await tab.close();
  return { ...state, errors: [...complaints, ...state.errors] };
}

const [root, ...manifests] = process.argv.slice(2);
const server = await serve(root);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'],
});
const seen = {};
for (const manifest of manifests) seen[manifest] = await watch(browser, `http://127.0.0.1:${server.address().port}`, manifest);
await browser.close();
server.close();
console.log(JSON.stringify(seen));

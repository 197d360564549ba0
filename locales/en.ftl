# What a person reads. Short, warm, no jargon. HTML as Telegram knows it.

language-name = English

start =
    <b>Your photo, painted the way of any painting.</b>

    1. Send me a photo.
    2. Send me a painting whose manner you like.
    3. Tap “Paint it”.

    You can also send both at once, the photo first. I keep the shape of your photo and need a minute or a few.
start-example-caption = A cat, painted in strokes along a field of whirls. Both pictures in, this one out.
start-version = Version { $version }.
help =
    <b>How it works</b>
    Send a photo, then a painting, then tap “Paint it”. Two pictures in one message work too: the first is the photo, the second the painting. Pictures sent as files are welcome and keep more detail.

    While I paint you see how far I am, and you can stop me at any time. Everything else goes on working meanwhile.

    /start – begin anew
    /styles – paintings to choose from, if you have none at hand
    /cancel – forget the pictures, stop my paintings
    /language – change the language
    /privacy – what I keep and for how long
privacy =
    <b>What I keep</b>
    Your pictures are never kept: I fetch them from Telegram for the quick sketch and again when it is your turn, paint, send the result and delete everything. What the sketch needed is gone a minute after your last tap. Location and camera data never leave with the result.

    I do remember the step of our dialogue, and for each painting your Telegram id, Telegram's references to the two pictures and to the result, its size and duration and the figures of how it was made, so that “Paint again” works. Those notes are deleted after { $days } days. What you write is noted until I have answered, and no longer. What stays: your Telegram id with your language and last settings, the days of your first and latest visit and whether you stopped me, so that I can count visitors and reach you with rare news; and the id of whoever was blocked.

    “Forget me” stops your paintings and deletes all of that at once; only a block stays. The messages in our chat are Telegram's: delete them there.
language-ask = Which language shall I speak?
language-set = I'll speak English.

got-content = Lovely photo. Now send me a painting whose manner you like.
got-both =
    { $styles ->
        [one] <b>All set.</b> Your photo will be painted the way of the second picture.
       *[other] <b>All set.</b> Your photo will be painted the way of { $styles } paintings at once.
    }
got-both-swapped =
    { $styles ->
        [one] <b>Swapped.</b> The second picture is now the photo.
       *[other] <b>Swapped.</b> The first painting is now the photo.
    }
third-picture = I already have a photo and a painting. What is this new picture?
discarded = Forgotten. Send me a photo whenever you like.
cancelled =
    { $stopped ->
        [0] Forgotten. Send me a photo whenever you like.
        [one] Forgotten, and one painting stopped. Send me a photo whenever you like.
       *[other] Forgotten, and { $stopped } paintings stopped. Send me a photo whenever you like.
    }
nothing-to-cancel = There is nothing to cancel. Send me a photo to begin.

text-content = Send me the photo that you want painted: as a picture or as a file.
text-style = I have your photo. Now send me a painting, or /cancel to begin anew.
text-ready = Both pictures are here. Tap “Paint it” above, or /cancel to begin anew.
unknown-command = I don't know this command. /help tells what I can do.
not-a-picture =
    { $kind ->
        [sticker] A nice sticker, but it moves: I can paint only what stands still. Send a picture or a file.
        [voice] I can't listen, I can only paint. Send me a photo as a picture or as a file.
        [video] I can't paint moving pictures yet. Send a single photo, or a screenshot of the scene you like.
        [document] I can't open this kind of file as a picture. JPEG, PNG, WebP, HEIC and TIFF work.
       *[other] I can paint only photos. Send one as a picture or as a file.
    }
file-too-big = This file is larger than { $limit } MB, more than Telegram lets me fetch. Send it as a picture, or a smaller file.
group-hint = Reply to a photo with /style@{ $bot } and a painting as a second picture: I paint the photo that way and answer here. Or reply with the name of one of my own, such as /style@{ $bot } glass, or with /style@{ $bot } alone, and I ask for the painting.

queued =
    { $place ->
        [1] <b>You're next.</b> I'll start in { $time }.
       *[other] <b>You're number { $place } in the queue.</b> It's your turn in { $time }.
    }
preparing = <b>Mixing the colours…</b>
painting =
    <b>Painting: { $percent } %</b>
    { $bar }
    { $stage } · { $left }
stage =
    { $stage ->
        [first] the large shapes
        [last] the fine strokes
       *[middle] the strokes
    }
left-unknown = a moment…
left-seconds = about { $seconds } s left
left-minutes =
    { $minutes ->
        [one] about a minute left
       *[other] about { $minutes } minutes left
    }
sending = <b>Done.</b> Sending it to you…
result-caption =
    { $colors ->
        [keep] { $width } × { $height } · { $style }, your colours · painted in { $duration }
       *[change] { $width } × { $height } · { $style } · painted in { $duration }
    }
duration-seconds = { $seconds } s
duration-minutes = { $minutes } min { $seconds } s
stopping = Stopping…
stopped = <b>Stopped.</b> Nothing was lost: you can paint it again.
restarting = <b>A moment, I'm restarting.</b> Your painting goes on right after.
interrupted = <b>I was interrupted and start over.</b> Your place is kept. Should memory stay short, the painting becomes a little smaller.
smaller = Memory was short, so I paint it at { $size } px instead.
smaller-in-time = At the size you chose it would take too long, so I paint it at { $size } px instead.
already-started = I'm already on it.
already-over = This painting is already over.
not-yours = This is another person's painting.
pictures-gone = I no longer have these two pictures. Please send them again.
pair-gone = These two pictures are no longer on my table. The newer ones are below; or send me a photo to begin.
queue-full-person =
    { $limit ->
        [one] You already have a painting waiting. Let me finish it first.
       *[other] You already have { $limit } paintings waiting. Let me finish one first.
    }
queue-full = So many people are waiting that I'd rather not promise you anything now. Please try again in a while: your two pictures stay here.
file-caption = Full quality, { $width } × { $height }
file-gone = The file is no longer to be had. “Paint again” makes a new one.

failed-content = <b>I can't open your photo.</b> It seems to be damaged, far too small, or of a kind I don't know. Please send another one.
failed-style = <b>I can't open the painting you sent.</b> It seems to be damaged, far too small, or of a kind I don't know. Please send another one.
failed-content-large = <b>Your photo is too large for me.</b> Please send it as a picture instead of a file, or make it smaller.
failed-style-large = <b>The painting you sent is too large for me.</b> Please send it as a picture instead of a file, or make it smaller.
failed-memory = <b>I ran out of memory with this painting.</b> Please try again later or with smaller pictures. The people who look after me know.
failed-killed = <b>This painting was interrupted several times.</b> I've told the people who look after me. Please try again in a while.
failed-weights = <b>I can't paint at the moment:</b> a part of me is missing. I've told the people who look after me; please try again later.
failed-tries = <b>I couldn't finish this painting,</b> however often I tried. I've told the people who look after me. Your pictures are fine: please try again in a while.
failed-time = <b>This painting takes longer than I may paint.</b> Please try again with a smaller size.
failed-fetch = <b>I couldn't fetch your pictures from Telegram.</b> Please send them again.
failed-unknown = <b>Something went wrong on my side.</b> I've told the people who look after me. You can try again, your pictures are fine.
error = Something went wrong on my side, and I've told the people who look after me. Please try that again.

button-paint = 🎨 Paint it · { $time }
button-swap = Swap the two
button-discard = Discard
button-use-content = It's the photo
button-use-style = It's the painting
button-stop = Stop
button-retry = Paint it again
button-again = Paint again
button-file = Full-quality file

command-start = begin anew
command-help = how it works
command-cancel = forget the pictures, stop my paintings
command-language = change the language
command-privacy = what I keep
command-status = how the bot is doing (admins)

# The controls under the pair, and what they lead to.

about-seconds = about { $seconds } s
about-minutes = about { $minutes } min
about-hours = about { $hours } h
size-name =
    { $size ->
        [fast] fast
        [fine] fine
        [poster] poster
       *[standard] standard
    }
brush-name =
    { $brush ->
        [thin] thin
        [broad] broad
       *[medium] medium
    }
chosen = ✓ { $choice }
button-size = Size: { $size }
button-size-choice = { $size }, { $pixels } px · { $time }
button-strength = Strength: { $step } of 5
button-strength-choice =
    { $step ->
        [1] 1 · almost the photo
        [2] 2 · gentle
        [3] 3 · balanced
        [4] 4 · strong
       *[5] 5 · almost all paint
    }
button-colors =
    { $colors ->
        [keep] Colours: my photo's
       *[change] Colours: the painting's
    }
button-brush = Brush: { $brush }
button-brush-choice =
    { $brush ->
        [thin] thin · many small strokes
        [broad] broad · few large strokes
       *[medium] medium · as in the painting
    }
button-styles =
    { $styles ->
        [one] Add a style
       *[other] { $styles } styles
    }
button-style-out = Take out style { $number } ({ $percent } %)
button-less = Less
button-more = More
button-mix = Mix in one more painting
button-back = ‹ Back
button-use-mix = One more style, mix it in
mix-ask = Send me one more painting, and I'll mix its manner in.
mix-full = I can mix four styles at most. Take one out first.
too-many-styles =
    { $limit ->
        [one] I can take one style only; the others I left out.
       *[other] I can mix no more than { $limit } styles; the others I left out.
    }
text-photo = The painting is here. Now send me the photo that you want painted its way, or /cancel to begin anew.
new-style = Same photo. Now send me another painting whose manner you like.
new-photo = Same style. Now send me another photo.
button-other = Other settings…
button-weaker = A little gentler
button-stronger = A little stronger
button-larger = This very one, larger: { $pixels } px · { $time }
button-anew = Anew, { $size }: { $pixels } px · { $time }
button-new-style = New style
button-new-photo = New photo
button-compare = Before and after
sketch-note = <i>This is a quick sketch. The painting itself comes out finer.</i>
sketch-refreshing = <i>The sketch is being renewed…</i>
sketch-old = <i>The sketch shows your earlier settings; the painting will follow the new ones.</i>
result-style =
    { $styles ->
        [one] strength { $step } of 5
       *[other] { $styles } styles mixed, strength { $step } of 5
    }
compare-caption = Before and after.
compare-later = I'm painting just now and need all my memory for it. Please ask again in a while.
compare-gone = One of the two pictures is no longer to be had, so I can't show them side by side.

# Many machines
smaller-here = <b>None of my easels is larger than { $size } px,</b> so I paint it at that size.

# The gallery.
got-style = Taken. Now send me the photo that shall be painted this way.
gallery-all =
    <b>Paintings of my own</b>
    Each number shows what one makes of the same cat. Tap it to see the painting.

    { $titles }
gallery-one =
    <b>{ $title }</b>
    Left the painting, right what it makes of a photo. { $number } of { $all }.
gallery-taken = <b>{ $title }</b>: your painting.
gallery-recent = <b>Your last styles.</b> { $number } of { $all }.
gallery-retaken = Your painting, once more.
gallery-gone = This picture is no longer to be had. Please choose another, or send one.
button-gallery = Choose from my gallery
button-take = ✓ Take this one
button-previous = ‹ Previous
button-next = Next ›
button-all-styles = All paintings
button-recent = Your last styles
button-close = Close
command-styles = paintings to choose from

title-whirls = Starry whirls
title-glass = Stained glass
title-wheat = Wheat field
title-waves = Woodcut waves
title-gold = Golden spirals
title-mosaic = Mosaic
title-dots = Riverside in dots
title-ink = Ink wash
title-facets = Cubist facets
title-fauve = Wild colours
title-engraving = Engraving

# Developer mode.

developer-on = <b>Developer mode is on.</b> Under each painting is now a button “Losses”: it sends the losses of that painting as a chart and as a .csv file, with plan, number format, evaluations and peak memory. /developer turns it off again.
developer-off = Developer mode is off.
button-figures = Losses (.csv and chart)
figures-caption =
    <b>{ $size } px, { $dtype }</b>
    Evaluations: { $evaluations } ({ $stages })
    Time: { $seconds } s
    Peak memory: { $anonymous } MB anonymous, { $total } MB in all; planned { $predicted } MB, allowed { $bound } MB
    Plan (blocks × stripes): { $plan }
figures-table = Every evaluation of this painting
figures-gone = The losses of this painting are no longer to be had.
paused = I'm having a short rest and take no new paintings just now. What I already promised goes on, and your two pictures stay here: please tap again in a while.
blocked = The people who look after me have asked me not to work for you. /privacy still answers.

# For admins.

stats-people =
    <b>People: { $total }</b>, { $fresh } of them new this week
    Here today { $today }, this week { $week }; Russian { $russian }
    Stopped the bot { $left }, blocked by you { $blocked }
stats-paintings =
    <b>Paintings in { $period } days</b>, for { $painters } people
    Done { $done }, stopped { $stopped }, failed { $failed }
    From tap to picture: median { $median } s, p95 { $slow } s
    Painting alone: median { $work } s, p95 { $slowwork } s
stats-now = <b>Now:</b> waiting { $waiting }, being painted { $active }; { $accepting }
stats-accepting = accepting paintings
stats-paused = paused: no new paintings (/resume)
stats-memory =
    <b>Memory</b>
    Bot { $bot } MB, painting now: { $children }
    A painting’s peak: median { $typical } MB, highest { $highest } MB
broadcast-how = Reply with /broadcast to the message that everybody shall get (words, photo, anything), or write the words after the command. I show it first and ask.
broadcast-ask =
    { $people ->
        [one] This is how it will look. One person would get it.
       *[other] This is how it will look. { $people } people would get it.
    }
broadcast-begins = Sending…
broadcast-decided = This was decided before.
broadcast-stopping = Nobody else gets it.
broadcast-progress =
    <b>Sending: { $sent } of { $total }</b>
    Still waiting: { $waiting }. Stopped the bot: { $left }. Failed: { $failed }. Unknown: { $unknown }.
broadcast-over =
    <b>Sent to { $sent } of { $total }.</b>
    Stopped the bot: { $left }. Failed: { $failed }. Perhaps got it, not tried again: { $unknown }. Left out: { $waiting }.
button-broadcast-all =
    { $people ->
        [one] Send to one person
       *[other] Send to all { $people }
    }
button-broadcast-some = Only { $language }: { $people }
button-broadcast-drop = Don't send
button-broadcast-stop = Stop sending
block-how = Give me the person's Telegram number: /block 123456 or /unblock 123456. It stands in error notices and logs as the chat. Admins can't be blocked.
block-done = { $person } is blocked. What they waited for is stopped.
block-already = { $person } was blocked already.
unblock-done = { $person } may come in again.
unblock-already = { $person } was not blocked.
pause-done = Paused. Nobody can start a painting; those promised go on. /resume ends it.
pause-already = Paused already. /resume ends it.
resume-done = Accepting paintings again.
resume-already = I'm accepting paintings already.

# Menus beyond everybody's.

command-style = paint the photo you reply to
command-stats = people, paintings, times, memory
command-broadcast = a message to everybody
command-pause = take no new paintings
command-resume = take paintings again
command-block = turn a person away
command-unblock = let a person in again
command-developer = losses under each painting

# Groups.

group-ask = And in which manner? Reply to this message with a painting.
group-ask-short = A painting, please
group-paused = I'm having a short rest and take no new paintings just now. Please ask again in a while.
group-full = So many people are waiting that I'd rather not promise you anything now. Please ask again in a while.

# When things go wrong behind the scenes

result-ready = <b>Your painting is ready.</b>
again = Once more, with pleasure.

forget-ask = I'll stop your paintings and delete everything I know about you: our dialogue, the notes on your paintings, your language. This can't be undone.
forgotten = <b>Forgotten.</b> I no longer know anything about you. The messages of this chat are Telegram's; you can delete them yourself.
forgotten-painting = <b>Stopped and forgotten.</b>
button-forget = Forget me
command-forget = delete everything I know about you

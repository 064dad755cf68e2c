//! The socket of realtime: moves texts between actix and a [`realtime::Session`].
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, rt, web};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason};
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use kernel::NoBody;
use protocol::spec::Verb;
use realtime::{Frame, Next, Queue, Session};

use crate::adapter::{State, request};
use crate::pool::{Failed, Pool};

/// Where the endpoint is.
pub(crate) const PATH: &str = "/v1/realtime";
/// Longest message of a client.
const MAX_MESSAGE: usize = 256 << 10;
/// How often the other side is asked whether it is still there.
const PING: Duration = Duration::from_secs(25);
/// Without a sign of life for so long a socket is given up.
const SILENCE: Duration = Duration::from_secs(70);
/// Longest wait for a client to take a frame.
const SLOW: Duration = Duration::from_secs(20);

/// Whether this is the handshake of a websocket.
pub(crate) fn wanted(http: &HttpRequest) -> bool {
    http.headers().get(header::UPGRADE).and_then(|v| v.to_str().ok()).is_some_and(|v| v.eq_ignore_ascii_case("websocket"))
}

/// Answers the handshake and leaves a task with the socket.
pub(crate) async fn upgrade(http: &HttpRequest, payload: web::Payload, state: &State) -> HttpResponse {
    let hub = state.hub.clone();
    let asked = request(http, Verb::Get, false, Box::new(NoBody));
    let opening = match state.pool.run(move || hub.open(&asked)).await {
        Ok(opening) => opening,
        Err(Failed::Busy) => return HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, "1")).finish(),
        Err(Failed::Panicked) => return HttpResponse::InternalServerError().finish(),
    };
    match actix_ws::handle(http, payload) {
        Ok((response, sender, stream)) => {
            let stream = stream.max_frame_size(MAX_MESSAGE).aggregate_continuations().max_continuation_size(MAX_MESSAGE);
            let pool = state.pool.clone();
            rt::spawn(drive(sender, stream, opening.queue, opening.session.map(Arc::new), pool));
            response
        }
        Err(e) => e.error_response(),
    }
}

/// Moves frames until one side is done. The session is forgotten when this ends.
async fn drive(mut sender: actix_ws::Session, mut stream: AggregatedMessageStream, queue: Queue, session: Option<Arc<Session>>, pool: Pool) {
    let mut ticks = rt::time::interval(PING);
    let mut heard = Instant::now();
    let code = loop {
        let incoming = stream.next();
        let outgoing = std::pin::pin!(queue.next());
        let tick = std::pin::pin!(ticks.tick());
        match select(select(outgoing, incoming), tick).await {
            Either::Left((Either::Left((next, _)), _)) => match next {
                Next::Frame(Frame::Close(code)) => break CloseCode::from(code),
                Next::Frame(frame) => {
                    let text = frame.into_text().unwrap_or_default();
                    if !matches!(rt::time::timeout(SLOW, sender.text(text)).await, Ok(Ok(()))) {
                        return;
                    }
                }
                Next::Overflow => break CloseCode::Again,
                Next::End => break CloseCode::Normal,
            },
            Either::Left((Either::Right((message, _)), _)) => {
                heard = Instant::now();
                match message {
                    Some(Ok(AggregatedMessage::Text(text))) => hear(&session, &pool, text.to_string()).await,
                    Some(Ok(AggregatedMessage::Binary(bytes))) => hear(&session, &pool, String::from_utf8_lossy(&bytes).into_owned()).await,
                    Some(Ok(AggregatedMessage::Ping(data))) => {
                        if sender.pong(&data).await.is_err() {
                            return;
                        }
                    }
                    Some(Ok(AggregatedMessage::Pong(_))) => {}
                    Some(Ok(AggregatedMessage::Close(_))) => break CloseCode::Normal,
                    Some(Err(_)) => break CloseCode::Protocol,
                    None => return,
                }
            }
            Either::Right(_) => {
                if heard.elapsed() > SILENCE || sender.ping(b"").await.is_err() {
                    return;
                }
            }
        }
    };
    let reason = CloseReason { code, description: None };
    let _ = rt::time::timeout(SLOW, sender.close(Some(reason))).await;
}

async fn hear(session: &Option<Arc<Session>>, pool: &Pool, text: String) {
    let Some(session) = session.clone() else { return };
    let told = session.clone();
    match pool.run(move || told.message(&text)).await {
        Ok(()) => {}
        Err(Failed::Busy) => session.busy(),
        Err(Failed::Panicked) => tracing::error!("a realtime message panicked"),
    }
}
